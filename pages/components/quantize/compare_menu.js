// What can be done with the color of a pixel: a menu where it was clicked.

// The color of the pixel of an image at a place on the screen, as {hex, x, y}; null outside, or where nothing shows.
function pixelAt(image, event) {
  const box = image.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * image.naturalWidth);
  const y = Math.floor(((event.clientY - box.top) / box.height) * image.naturalHeight);
  if (!image.naturalWidth || x < 0 || y < 0 || x >= image.naturalWidth || y >= image.naturalHeight) return null;
  const [red, green, blue, alpha] = pixelsOf(image).getImageData(x, y, 1, 1).data;
  if (alpha === 0) return null;
  return { hex: `#${[red, green, blue].map((level) => level.toString(16).padStart(2, "0")).join("")}`, x, y };
}

// A context that has the pixels of an image, made once for each.
function pixelsOf(image) {
  if (!image.pixels) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: image.naturalWidth, height: image.naturalHeight });
    image.pixels = canvas.getContext("2d", { willReadFrequently: true });
    image.pixels.drawImage(image, 0, 0);
  }
  return image.pixels;
}

// menu: the element, in a positioned parent. at: {x, y} in that parent. title: the color, and what it says of it.
// items: {label, act, disabled, hint}; one with `pick`, a color, opens a chooser: act(color, isFinal). onClose: called
// when it is closed, by a choice or without one.
function openMenu(menu, { at, color, title, items, onClose }) {
  const head = document.createElement("div");
  head.className = "head";
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = color;
  head.append(swatch, title);

  const close = () => {
    if (menu.hidden) return;
    menu.hidden = true;
    document.removeEventListener("pointerdown", closeOutside, true);
    onClose();
  };
  const closeOutside = (event) => {
    if (!event.composedPath().includes(menu)) close();
  };
  const button = ({ label, act, disabled = false, hint = "" }) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: label, disabled, title: hint });
    made.onclick = () => {
      close();
      act();
    };
    return made;
  };
  const chooser = ({ label, act, pick }) => {
    const made = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "color", value: pick });
    input.oninput = () => act(input.value, false);
    input.onchange = () => {
      close();
      act(input.value, true);
    };
    made.append(label, input);
    return made;
  };
  const made = items.map((item) => (item.pick ? chooser(item) : button(item)));
  made.forEach((item) => (item.querySelector("input") ?? item).setAttribute("role", "menuitem"));
  menu.replaceChildren(head, ...made);
  menu.setAttribute("aria-label", title);
  menu.hidden = false;
  const parent = menu.offsetParent;
  menu.style.left = `${Math.max(0, Math.min(at.x, parent.clientWidth - menu.offsetWidth))}px`;
  menu.style.top = `${Math.max(0, Math.min(at.y, parent.clientHeight - menu.offsetHeight))}px`;

  const stops = made.map((item) => item.querySelector("input") ?? item).filter((item) => !item.disabled);
  menu.onkeydown = (event) => {
    const here = stops.indexOf(menu.getRootNode().activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to !== undefined) stops[(to + stops.length) % stops.length].focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  stops[0]?.focus();
  document.addEventListener("pointerdown", closeOutside, true);
}
