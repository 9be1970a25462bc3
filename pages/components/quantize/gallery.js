// Thumbnails to choose one from: a radio group with one tab stop and arrow keys.
export default function ({ data: [data], parentElement, setTriggerValue }) {
  const gallery = parentElement.querySelector(".gallery");
  gallery.setAttribute("aria-label", data.label);
  const pick = (key) => setTriggerValue("pick", key);

  // Buttons stay when the choice changes, so that keyboard focus does too.
  if (gallery.dataset.items !== JSON.stringify(data.items)) {
    gallery.dataset.items = JSON.stringify(data.items);
    gallery.replaceChildren(
      ...data.items.map((item) => {
        const button = document.createElement("button");
        button.dataset.key = item.key;
        button.setAttribute("role", "radio");
        button.setAttribute("aria-label", item.title);
        button.title = item.title;
        const image = document.createElement("img");
        image.src = item.url;
        image.alt = "";
        button.append(image);
        return button;
      }),
    );
  }
  const buttons = [...gallery.children];
  const chosen = buttons.findIndex((button) => button.dataset.key === data.chosen);
  buttons.forEach((button, index) => {
    button.setAttribute("aria-checked", String(index === chosen));
    button.tabIndex = index === Math.max(chosen, 0) ? 0 : -1;
    button.onclick = () => pick(button.dataset.key);
  });
  gallery.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(Math.max(chosen, 0) + step + buttons.length) % buttons.length];
    next.focus();
    pick(next.dataset.key);
  };
}
