import { createServer } from 'node:http'
import { sendApiAnswer } from './api-answer.ts'
import { candidateSettings, listenOn } from './candidate-settings.ts'

/** The API with no guard at all: what node:http itself costs. */
const settings = candidateSettings()
listenOn(
  createServer((_request, response) => sendApiAnswer(response, 'nobody-in-particular')),
  settings.address,
)
