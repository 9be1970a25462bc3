// A button that opens a file; files dropped or pasted anywhere on the page are opened, too. All of them go to an
// uploader of the page, which knows what may be uploaded.
const EVENTS = ["dragover", "drop", "paste"];
// A drag that leaves the window says so nowhere: it is over when it has not been heard of for so long.
const SILENCE = 300;

export default function ({ data: [data], parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const [button, target, said] = [find("button"), find(".target"), find(".said")];
  const input = () => document.querySelector(`.st-key-${data.uploader} input[type="file"]`);

  button.textContent = data.label;
  button.title = "Or drop it anywhere on this page, or paste it";
  button.onclick = () => input()?.click();

  const give = (files) => {
    const field = input();
    if (!field || !files.length) return;
    const taken = field.multiple ? [...files] : [files[0]];
    const transfer = new DataTransfer();
    taken.forEach((file) => transfer.items.add(file));
    field.files = transfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    const rest = files.length - taken.length;
    const names = taken.map((file) => file.name).join(", ");
    said.textContent = rest ? `Opening ${names}; this page shows one at a time.` : `Opening ${names}.`;
    said.classList.toggle("aloud", rest > 0);
    setTimeout(() => said.classList.remove("aloud"), 6000);
  };

  button.onfiles = (event) => {
    if (!button.isConnected) {
      EVENTS.forEach((name) => window.removeEventListener(name, button.listens));
      return;
    }
    // An uploader's own field takes what is dropped on it; text is pasted into fields.
    const files = (event.clipboardData ?? event.dataTransfer)?.files ?? [];
    const isDragged = event.type === "dragover" && event.dataTransfer.types.includes("Files");
    if (event.type === "drop") target.hidden = true;
    const isForAnother = event.composedPath().some((part) => part.dataset?.testid === "stFileUploaderDropzone");
    if (isForAnother || !(isDragged || files.length)) return;
    event.preventDefault(); // the browser would leave the page and show the file
    if (!isDragged) {
      give(files);
      return;
    }
    event.dataTransfer.dropEffect = "copy";
    target.hidden = false;
    clearTimeout(button.silence);
    button.silence = setTimeout(() => (target.hidden = true), SILENCE);
  };
  if (!button.listens) {
    button.listens = (event) => button.onfiles(event);
    EVENTS.forEach((name) => window.addEventListener(name, button.listens));
  }
}
