// Two pictures on top of each other, cut at a divider that a range input moves.
export default function ({ data, parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const stage = find(".stage");
  const range = find("input");

  stage.style.setProperty("--ratio", data.width / data.height);
  stage.classList.toggle("dimmed", data.dimmed);
  find(".left").textContent = data.before.label;
  find(".right").textContent = data.after.label;
  range.setAttribute("aria-label", `Divider between ${data.before.label} and ${data.after.label}`);

  // A new picture is decoded before it takes the place of the old one: nothing flashes.
  for (const side of ["before", "after"]) {
    const { url, alt } = data[side];
    const shown = find(`.${side}`);
    shown.alt = alt;
    if (stage.dataset[side] === url) continue;
    stage.dataset[side] = url;
    const fresh = new Image();
    Object.assign(fresh, { src: url, alt, className: side, draggable: false });
    const show = () => {
      if (stage.dataset[side] === url) find(`.${side}`).replaceWith(fresh);
    };
    fresh.decode().then(show, show);
  }

  const move = () => {
    stage.style.setProperty("--cut", `${range.value}%`);
    range.setAttribute("aria-valuetext", `${Math.round(range.value)} % ${data.before.label}`);
  };
  range.oninput = move;
  move();
}
