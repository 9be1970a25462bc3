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

  // A new picture is decoded before it replaces the old one: nothing flashes.
  for (const side of ["before", "after"]) {
    const shown = find(`.${side}`);
    shown.alt = data[side].alt;
    if (shown.dataset.url === data[side].url) continue;
    shown.dataset.url = data[side].url;
    const fresh = new Image();
    fresh.src = data[side].url;
    const show = () => {
      if (shown.dataset.url === data[side].url) shown.src = data[side].url;
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
