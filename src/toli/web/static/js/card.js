// The card's page: send the picture with the phone's own menu, keep the card for times without a network.
// Progressive enhancement only: without this file the card is shown, saved and printed all the same.
import { keepable } from "./keep.js";

const PICTURE = "/me/card.png";

const send = document.querySelector("[data-send]");
if (send && navigator.canShare?.({ files: [new File([""], "card.png", { type: "image/png" })] })) {
  send.hidden = false;
  send.addEventListener("click", async () => {
    const picture = await (await fetch(PICTURE)).blob();
    const file = new File([picture], send.dataset.send, { type: "image/png" });
    await navigator.share({ files: [file] }).catch(() => {}); // closed without sending: nothing to say
  });
}

keepable({ kept: "toli-card", page: "/me/card", worker: "/card-worker.js", also: () => [PICTURE] });
