// Logging in with a passkey, and adding one: what the browser answers goes into a hidden field of the form, which is then sent.
const part = document.getElementById('passkey-part')
const button = document.getElementById('passkey')
const answer = document.getElementById('passkey-answer')
const form = answer?.closest('form')

if (part && button && form && window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  const options = JSON.parse(part.dataset.options)
  const create = part.dataset.create === 'yes'
  part.hidden = false

  // A field may be named `submit`.
  const submit = () => HTMLFormElement.prototype.submit.call(form)
  const send = (credential) => {
    answer.value = JSON.stringify(credential.toJSON())
    if (create) return submit()
    // The user name and the password of this form are not asked for.
    const action = document.createElement('input')
    action.type = 'hidden'
    action.name = 'action'
    action.value = 'passkey'
    form.append(action)
    submit()
  }
  const failed = () => {
    const note = document.getElementById('passkey-failed')
    if (note) note.hidden = false
    button.disabled = false
    button.focus()
  }

  if (create) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      button.disabled = true
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
      navigator.credentials.create({ publicKey }).then(send, failed)
    })
  } else {
    let waiting = new AbortController()
    const ask = (mediation) => {
      waiting.abort()
      waiting = new AbortController()
      const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
      return navigator.credentials.get({ publicKey, mediation, signal: waiting.signal })
    }
    button.addEventListener('click', () => {
      button.disabled = true
      ask('optional').then(send, failed)
    })
    // Passkeys among the suggestions of the user name field.
    PublicKeyCredential.isConditionalMediationAvailable?.().then((available) => {
      if (available && !button.disabled) ask('conditional').then(send, () => undefined)
    })
  }
}
