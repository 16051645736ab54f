/** Values of CSS variables by their names without `--holdfast-`; a name may end in `-dark`. */
export type Theme = Readonly<Record<string, string>>

/** What cannot be a theme, by the variable that is wrong. */
export function themeProblems(theme: Theme): readonly { readonly name: string; readonly problem: string }[] {
  return Object.entries(theme).flatMap(([name, value]) => {
    if (!variables.includes(name.replace(/-dark$/, '')))
      return [{ name, problem: `not a variable of the theme: ${variables.join(', ')}` }]
    return safeValue.test(value) ? [] : [{ name, problem: 'a value of CSS without ; { } < > \\ and url()' }]
  })
}

/** The style sheet that lays a theme over ours. Only what {@link themeProblems} has nothing against. */
export function themeSheet(theme: Theme): string {
  const lines = (dark: boolean): string[] =>
    Object.entries(theme)
      .filter(([name]) => name.endsWith('-dark') === dark)
      .map(([name, value]) => `--holdfast-${name.replace(/-dark$/, '')}: ${value};`)
  const light = lines(false)
  const dark = lines(true)
  return [
    ...(light.length === 0 ? [] : [`:root { ${light.join(' ')} }`]),
    ...(dark.length === 0 ? [] : [`@media (prefers-color-scheme: dark) { :root { ${dark.join(' ')} } }`]),
  ].join('\n')
}

const variables: readonly string[] = [
  'background',
  'surface',
  'text',
  'quiet-text',
  'accent',
  'accent-text',
  'border',
  'error',
  'error-surface',
  'done',
  'done-surface',
  'focus',
  'radius',
  'font',
  'width',
]

/** Enough for colours, lengths and fonts; nothing that ends a declaration or fetches. */
const safeValue = /^(?!.*url\()[A-Za-z0-9 #%.,()'"/*+-]{1,200}$/i
