// The palette as a table. A click on a header sorts by it, a second one the other way, a third one as in the strip.
export default function ({ data: [data], parentElement }) {
  const head = parentElement.querySelector("thead tr");
  const body = parentElement.querySelector("tbody");

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = kind;
    return made;
  };

  const headers = data.columns.map(({ title, help, kind }) => {
    const header = element("th", "", kind);
    header.scope = "col";
    const button = element("button", title, "");
    button.type = "button";
    button.title = help;
    header.append(button);
    return header;
  });
  // Drawn once: the keyboard's focus stays where it is.
  if (head.children.length !== headers.length) head.replaceChildren(...headers);

  const swatch = (color) => {
    const made = element("span", "", "swatch");
    made.style.background = color;
    return made;
  };
  const bar = (share) => {
    const made = element("span", "", "bar");
    made.style.setProperty("--share", share);
    return made;
  };
  const cell = ({ texts, values, kind, drawn }, row) => {
    const made = element("td", texts[row], kind);
    if (drawn === "swatch") made.prepend(swatch(texts[row]));
    if (drawn === "bar") made.prepend(bar(values[row]));
    return made;
  };
  const line = (row) => {
    const made = document.createElement("tr");
    made.append(...data.columns.map((column) => cell(column, row)));
    return made;
  };

  const draw = () => {
    const by = Number(head.dataset.by ?? -1);
    const sign = head.dataset.order === "descending" ? -1 : 1;
    [...head.children].forEach((header, index) => {
      if (index === by) header.setAttribute("aria-sort", head.dataset.order);
      else header.removeAttribute("aria-sort");
    });
    const rows = [...data.columns[0].texts.keys()];
    const values = data.columns[by]?.values;
    if (values) rows.sort((one, other) => sign * ((values[one] > values[other]) - (values[one] < values[other])));
    body.replaceChildren(...rows.map(line));
  };

  head.onclick = (event) => {
    const index = [...head.children].indexOf(event.target.closest("th"));
    // Of numbers, the largest are wanted first.
    const orders = data.columns[index].kind === "number" ? ["descending", "ascending"] : ["ascending", "descending"];
    const same = index === Number(head.dataset.by ?? -1);
    const order = orders[same ? orders.indexOf(head.dataset.order) + 1 : 0];
    head.dataset.by = order ? index : -1;
    head.dataset.order = order ?? "";
    draw();
  };
  draw();
}
