// Two comforts of the form. A file can be dropped anywhere on it; and opened by the bookmarklet it asks the page that
// opened it for its HTML. What comes is only filled in: nothing is sent before somebody presses Submit. Without this
// script the form works as well.
"use strict";
(() => {
  const PATIENCE = 5000;

  const form = document.querySelector("form[data-drop]");
  if (!form) {
    return;
  }
  const files = form.querySelector("#file");
  const more = form.querySelector("details");

  const place = document.createElement("p");
  place.className = "hint";
  const INVITATION = "Files can be dropped anywhere on this form.";
  place.textContent = INVITATION;
  form.querySelector(".actions").before(place);

  const hasFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const told = () => {
    const names = [...files.files].map((file) => file.name);
    place.textContent = names.length ? `Chosen: ${names.join(", ")}` : INVITATION;
  };
  form.addEventListener("dragover", (event) => {
    if (hasFiles(event)) {
      event.preventDefault();
      form.classList.add("dropping");
    }
  });
  form.addEventListener("dragleave", (event) => {
    if (!form.contains(event.relatedTarget)) {
      form.classList.remove("dropping");
    }
  });
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (hasFiles(event)) {
      event.preventDefault();
      files.files = event.dataTransfer.files;
      more.open = true;
      told();
    }
  });
  files.addEventListener("change", told);

  const status = document.getElementById("received");
  if (!status) {
    return;
  }
  const opener = window.opener;
  const late = () => {
    window.removeEventListener("message", take);
    status.textContent = status.dataset.late;
  };
  // The page must be of the site whose address stands in the form.
  const expected = () => {
    try {
      const url = new URL(form.querySelector("#urls").value.trim());
      // Others have the origin `null`, as sandboxed frames have.
      return url.protocol === "https:" || url.protocol === "http:" ? url.origin : "";
    } catch {
      return "";
    }
  };
  function take(event) {
    const html = event.data && event.data.gleanerPage;
    const page = form.querySelector("#page");
    if (event.source !== opener || event.origin !== expected() || typeof html !== "string" || page.value !== "") {
      return;
    }
    window.clearTimeout(waiting);
    window.removeEventListener("message", take);
    if (new Blob([html]).size > Number(status.dataset.most)) {
      status.textContent = "The page is too large to be taken along. Only its address is here, and Gleaner would download that.";
      return;
    }
    page.value = html;
    more.open = true;
    status.textContent = `The page as you saw it at ${event.origin} is filled in below (${html.length} characters). Nothing is sent before you press Submit.`;
  }
  if (!opener) {
    status.textContent = status.dataset.late;
    return;
  }
  status.textContent = "Waiting for the page…";
  const waiting = window.setTimeout(late, PATIENCE);
  window.addEventListener("message", take);
  // Whoever it is may know that we listen: the word holds nothing else.
  opener.postMessage("gleaner:ready", "*");
})();
