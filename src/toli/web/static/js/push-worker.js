// Shows what we are told: a heading, a few words, and the page that a tap opens. Keeps nothing.
const HOME = "/me";

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // A browser that wakes us has to be shown something.
  }
  const { title = "Toli", body = "", tag, image, path = HOME } = told;
  event.waitUntil(registration.showNotification(title, { body, tag, image, data: path }));
});
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(new URL(event.notification.data || HOME, location.origin)));
});

async function show(url) {
  if (url.origin !== location.origin) return;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === url.pathname);
  await (there ? there.focus() : clients.openWindow(url.pathname));
}
