// Copies the page's address, which carries every setting.
export default function ({ data: [data], parentElement }) {
  const button = parentElement.querySelector("button");
  const label = parentElement.querySelector(".label");
  const said = parentElement.querySelector(".said");
  button.title = data.hint;
  button.onclick = async () => {
    // Community Cloud shows the app in a frame whose own address has this extra part.
    const address = window.location.href.replace("/~/+/", "/");
    try {
      await navigator.clipboard.writeText(address);
      label.textContent = "Copied";
    } catch {
      label.textContent = "Copy it from the address bar";
    }
    said.textContent = label.textContent;
    setTimeout(() => (label.textContent = "Copy link"), 2000);
  };
}
