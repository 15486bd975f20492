// While somebody writes: how much of each platform's room the longest variant takes. The server counts again.
const form = document.querySelector("[data-platforms]");
const platforms = form ? JSON.parse(form.dataset.platforms) : [];
const LINK = 42, GSM = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€\f]*$/;
const light = (sign) => { const c = sign.codePointAt(0);
  return c <= 0x10ff || (c >= 0x2000 && c <= 0x200d) || (c >= 0x2010 && c <= 0x201f) || (c >= 0x2032 && c <= 0x2037); };
const counts = {
  utf16: (text) => text.length,
  octets: (text) => new TextEncoder().encode(text).length,
  len: (text) => [...text].length,
  weighted: (text) => [...text].reduce((sum, sign) => sum + (light(sign) ? 1 : 2), 0),
  sms_parts: (text) => {
    const plain = GSM.test(text), signs = LINK + text.length + (plain ? (text.match(/[\^{}\\[~\]|€\f]/g) || []).length : 0);
    return signs <= (plain ? 160 : 70) ? 1 : Math.ceil(signs / (plain ? 153 : 67));
  },
};
for (const field of form ? form.querySelectorAll("[data-fits]") : []) {
  const said = document.createElement("p");
  said.className = "fits";
  field.after(said);
  const shown = platforms.filter((item) => field.dataset.fits ? item.code === field.dataset.fits : !item.own);
  const count = () => {
    const whole = field.dataset.fits && shown.every((item) => item.whole);
    const variants = (whole ? [field.value] : field.value.split(/\n\s*\n/)).map((text) => text.trim()).filter(Boolean);
    said.replaceChildren(...shown.map((item) => {
      const used = Math.max(0, ...variants.map(counts[item.count])), over = used - item.most;
      const chip = document.createElement("span");
      chip.className = over > 0 ? "chip bad" : "chip";
      chip.textContent = `${item.name} ${used}/${item.most}` + (over > 0 ? ` · ${form.dataset.over} ${over}` : "");
      return chip;
    }));
  };
  field.addEventListener("input", count);
  count();
}
