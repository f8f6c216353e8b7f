/** An act of the chart that is asked about first: signing an order, ending a stay. */

/** A double click is one press: the second cannot act on what the first was told about. */
const readMs = 1000;

/** What a submitted form is about, when it is the act in question; undefined for every other form. */
export type Subject = (form: HTMLFormElement, button: HTMLButtonElement) => string | undefined;

/**
 * Before the act `mayGo` is asked, once; where it says no, the button says "… anyway" and the next press acts.
 */
export function askBefore(subjectOf: Subject, mayGo: (subject: string) => Promise<boolean>): void {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter: button } = event;
    if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return;
    const subject = subjectOf(form, button);
    if (subject === undefined || button.dataset.asked === 'done') return;
    event.preventDefault();
    if (button.dataset.asked === undefined) {
      button.dataset.asked = 'waiting';
      void mayGo(subject).then((free) => (free ? act(form, button) : hold(button)));
    }
  });
}

function act(form: HTMLFormElement, button: HTMLButtonElement): void {
  button.dataset.asked = 'done';
  form.requestSubmit(button);
}

function hold(button: HTMLButtonElement): void {
  if (button.ariaLabel !== null) button.ariaLabel = `${button.ariaLabel} anyway`;
  button.textContent = `${button.textContent} anyway`;
  button.classList.remove('primary');
  setTimeout(() => {
    button.dataset.asked = 'done';
  }, readMs);
}
