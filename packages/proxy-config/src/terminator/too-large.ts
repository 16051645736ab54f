/** What Holdfast says to a body beyond its limit, for terminators that must say it: they give up a body that nobody reads. */
export const tooLarge: string = JSON.stringify({
  error: 'invalid_request',
  error_description: 'the request body is too large',
})
