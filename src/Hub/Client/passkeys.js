'use strict';

// Asks the hub for a challenge, the browser for a passkey, and sends the answer with the form that it belongs to.
for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', async event => {
    event.preventDefault();
    const status = form.querySelector('[role=status]');
    try {
      if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
        throw new Error('This browser knows no passkeys, or the hub is not reached over https.');
      }
      const response = await fetch(form.dataset.options, {
        method: 'POST',
        headers: { RequestVerificationToken: form.elements.__RequestVerificationToken.value },
      });
      if (!response.ok) throw new Error('The hub does not answer. Load the page anew.');
      const options = await response.json();
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      status.textContent = error.name === 'NotAllowedError' ? 'Nothing was chosen.' : error.message;
    }
  });
}
