import type { Shape } from './shape.ts'

/** The JSON Schema (2020-12) of what may be written for a shape; defaults need not be. */
export function jsonSchema(shape: Shape): JsonSchema {
  return shape.description === undefined ? factsOf(shape) : { description: shape.description, ...factsOf(shape) }
}

type JsonSchema = Readonly<Record<string, unknown>>

function factsOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'anything':
      return {}
    case 'text':
      return {
        type: 'string',
        ...(shape.atLeast === 0 ? {} : { minLength: shape.atLeast }),
        ...(shape.atMost === Infinity ? {} : { maxLength: shape.atMost }),
        ...(shape.pattern === undefined ? {} : { pattern: shape.pattern.source }),
      }
    case 'whole-number':
      return { type: 'integer', minimum: shape.atLeast, maximum: shape.atMost }
    case 'boolean':
      return { type: 'boolean' }
    case 'one-of':
      return { type: 'string', enum: shape.values }
    case 'list':
      return {
        type: 'array',
        ...(shape.atLeast === 0 ? {} : { minItems: shape.atLeast }),
        items: jsonSchema(shape.of),
      }
    case 'record':
      return { type: 'object', propertyNames: jsonSchema(shape.name), additionalProperties: jsonSchema(shape.of) }
    case 'either':
      return { anyOf: shape.of.map(jsonSchema) }
    case 'mapping': {
      const members = Object.entries(shape.members)
      const needed = members.filter(([, { presence }]) => presence === 'required').map(([name]) => name)
      return {
        type: 'object',
        properties: Object.fromEntries(
          members.map(([name, member]) => [
            name,
            {
              ...jsonSchema(member.shape),
              ...(member.description === undefined ? {} : { description: member.description }),
              ...(member.default === undefined ? {} : { default: member.default }),
            },
          ]),
        ),
        ...(needed.length === 0 ? {} : { required: needed }),
        additionalProperties: shape.open === 'yes' ? {} : false,
      }
    }
  }
}
