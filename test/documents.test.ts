import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow } from './support/source-tree.ts'

const ROOT = join(import.meta.dirname, '..')
const documents = filesBelow(ROOT, '.').filter((path) => path.endsWith('.md') && !path.startsWith('.'))
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts,
)

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** Links to files of ours, without the part after `#`. */
function deadLinks(path: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^[a-z]+:/.test(to) && !existsSync(join(ROOT, dirname(path), to)))
}

/** Files of ours that a text names, such as `test/lock-file.test.ts`. */
function namedButAbsent(text: string): string[] {
  return [...text.matchAll(/`((?:src|test|web|scripts|docs|prisma|bench)\/[\w./-]+\.\w+)`/g)]
    .map(([, to = '']) => to)
    .filter((to) => !existsSync(join(ROOT, to)))
}

function unknownScripts(text: string): string[] {
  return [...text.matchAll(/\bnpm run ([\w:-]+)/g)]
    .map(([, name = '']) => name)
    .filter((name) => !scripts.includes(name))
}

describe('our documents', () => {
  it.each(documents)('%s leads to files and scripts that are there', (path) => {
    const text = read(path)

    expect([...deadLinks(path, text), ...namedButAbsent(text), ...unknownScripts(text)]).toEqual([])
  })

  it('say the same in both languages: every section, every code block, every link', () => {
    const shape = (text: string) => ({
      sections: text.match(/^#+ /gm),
      commands: text.match(/^(npm|npx) [^\s#]+( [^\s#"]+)*/gm),
      links: [...text.matchAll(/\]\((\S+?)\)/g)]
        .map(([, to]) => to)
        .filter((to) => !to?.startsWith('README')),
    })

    expect(shape(read('README.zh.md'))).toEqual(shape(read('README.md')))
  })

  it('and a dead link is seen', () => {
    expect(deadLinks('docs/x.md', '[a](../README.md) [b](nowhere.md)')).toEqual(['nowhere.md'])
    expect(namedButAbsent('see `src/nothing.ts`')).toEqual(['src/nothing.ts'])
    expect(unknownScripts('npm run nothing')).toEqual(['nothing'])
  })
})
