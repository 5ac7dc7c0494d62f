/** Floors of the web: words and ui know nothing; api knows words; parts know api; apps know all of them, never each other. */
export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'apps-never-import-each-other',
      severity: 'error',
      from: { path: '^src/apps/([^/]+)/' },
      to: { path: '^src/apps/([^/]+)/', pathNot: '^src/apps/$1/' },
    },
    { name: 'parts-below-apps', severity: 'error', from: { pathNot: '^src/apps/' }, to: { path: '^src/apps/' } },
    {
      name: 'words-at-the-bottom',
      severity: 'error',
      from: { path: '^src/words/' },
      to: { path: '^src/', pathNot: '^src/words/' },
    },
    { name: 'api-below-parts', severity: 'error', from: { path: '^src/(api|live)/' }, to: { path: '^src/(parts|apps)/' } },
    {
      name: 'no-vant-at-desks',
      comment: 'Vant serves phone pages alone.',
      severity: 'error',
      from: { path: '^src/apps/desk/' },
      to: { path: 'node_modules/vant/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'shipped-needs-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.vue', '.js', '.css', '.svg'], exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
}
