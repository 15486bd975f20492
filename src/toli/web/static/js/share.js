// A poster goes as a file to the app that the member chooses in the phone's own menu; the words beside it are copied as
// well, because some apps drop them. Progressive enhancement only: without this file, or where the phone has no such
// menu, the same buttons lead to the page where the poster can be saved.
const sheet = navigator.canShare?.({ files: [new File([""], "poster.jpg", { type: "image/jpeg" })] });

async function prepared(form) {
  const asked = new URLSearchParams([...new FormData(form), ["sheet", "yes"]]);
  const [words, picture] = await Promise.all([fetch(form.action, { method: "POST", body: asked }), fetch(form.dataset.sheet)]);
  if (!words.ok || !picture.ok) throw new Error("not prepared");
  const name = form.dataset.sheet.split("/").pop();
  return { text: (await words.json()).text, files: [new File([await picture.blob()], name, { type: "image/jpeg" })] };
}

for (const form of sheet ? document.querySelectorAll("form[data-sheet]") : []) {
  const said = (what) => {
    for (const note of form.closest("article").querySelectorAll("[data-said]")) note.hidden = note.dataset.said !== what;
  };
  let ready;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      ready ??= await prepared(form);
      await navigator.clipboard?.writeText(ready.text).then(() => said("copied"), () => {});
      await navigator.share(ready);
    } catch (error) {
      // Fetching may take longer than a press counts as one: then the next press sends at once.
      if (ready && error.name === "NotAllowedError") said("ready");
      else if (!ready) form.submit();
    }
  });
}
