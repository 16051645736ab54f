/** Plain data, and expressions of Bicep that stand as they are. */
export type BicepValue =
  | string
  | number
  | boolean
  | BicepExpression
  | readonly BicepValue[]
  | { readonly [key: string]: BicepValue | undefined }

/** Written without quotes. */
export interface BicepExpression {
  readonly $expression: string
}

export function expression(text: string): BicepExpression {
  return { $expression: text }
}

/** One line such as `param plan string`, or `resource name 'Type@version' = ` with its data. */
export interface BicepStatement {
  readonly head: string
  readonly value?: BicepValue
}

/** A Bicep file below a comment. */
export function bicepText(comment: readonly string[], statements: readonly BicepStatement[]): string {
  const head = comment.map((line) => (line === '' ? '//\n' : `// ${line}\n`)).join('')
  return `${head}\n${statements
    .map((statement) =>
      statement.value === undefined ? `${statement.head}\n` : `\n${statement.head} = ${print(statement.value, '')}\n`,
    )
    .join('')}`
}

function print(value: BicepValue, indent: string): string {
  if (isExpression(value)) return value.$expression
  if (typeof value === 'string') return `'${value.replaceAll(/['\\]/g, '\\$&').replaceAll('${', '\\${')}'`
  if (typeof value !== 'object') return String(value)
  const inner = `${indent}  `
  const lines = isList(value)
    ? value.map((item) => `${inner}${print(item, inner)}\n`)
    : Object.entries(value)
        .filter((member): member is [string, BicepValue] => member[1] !== undefined)
        .map(([key, member]) => `${inner}${/^[A-Za-z_]\w*$/.test(key) ? key : `'${key}'`}: ${print(member, inner)}\n`)
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}']
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join('')}${indent}${close}`
}

function isList(value: BicepValue): value is readonly BicepValue[] {
  return Array.isArray(value)
}

function isExpression(value: BicepValue): value is BicepExpression {
  return typeof value === 'object' && '$expression' in value
}
