import type { englishRules } from './english-rules.ts';

/** Rules, conflicts and the trash, in Spanish. */
export const spanishRules: Readonly<Record<keyof typeof englishRules, string>> = {
  'rule.stopped':
    'La regla {rule} borraría o reemplazaría {count} {count|archivo|archivos} de una vez y se detuvo. Si es correcto, dígalo con «reanudar» en el programa, o con «npx compartidos reanudar».',
  'rule.namesakes':
    'La regla {rule} trae archivos de {name}, y {count} equipos se llaman así: los trae de todos. Solo el id los distingue: escriba en su from el que corresponda, {ids}.',
  'rule.unseen-device':
    'La regla {rule} trae archivos de {name}, pero ningún equipo visto aquí hasta ahora se llama así. ¿Está bien escrito?',
  'rule.released': 'La regla {rule} continúa.',
  'rule.acted.delete': '{path} se borró allí y aquí está en la papelera ({rule}).',
  'rule.acted.delete-folder': 'La carpeta {path} se borró allí y aquí tampoco está ya ({rule}).',
  'rule.acted.rename': '{from} ahora se llama {path} ({rule}).',
  'rule.acted.make-way': '{from} ocupaba el lugar de una carpeta y ahora se llama {path} ({rule}).',
  'rule.failed': 'La regla {rule} no pudo cambiar {path} ({code}). Se intentará de nuevo pronto.',
  'conflict.found':
    '{path} se cambió en dos lugares: la versión que perdió su lugar se conserva como {copy}.',
  'why.new': 'no está aquí',
  'why.newer': 'hay una versión más nueva',
  'why.renamed': 'allí cambió de nombre',
  'why.deleted': 'se borró allí',
  'why.theirs-first': 'se cambió en dos lugares; la nuestra pasa a ser una copia de conflicto',
  'why.ours-first': 'se cambió en dos lugares; la de ellos pasa a ser una copia de conflicto',
  'why.metadata': 'el contenido es el mismo; solo cambian la fecha, los permisos o la versión',
  'why.same': 'ya está aquí',
  'why.ours-is-newer': 'la nuestra es más nueva',
  'why.deleted-there': 'ya no está allí, y la nuestra se conserva',
  'why.deleted-here': 'se borró aquí',
  'why.being-hashed': 'todavía se está leyendo',
  'why.nobody-has-it': 'ningún equipo que lo tenga está en línea',
  'why.folder-in-the-way': 'una carpeta que no está vacía tiene su nombre',
  'why.file-in-the-way': 'un archivo tiene el nombre de una de sus carpetas',
  'why.no-name-left': 'no queda ningún nombre para él',
  'why.ignored': 'los archivos con este nombre se ignoran aquí',
  'why.from-here': 'viene de aquí',
  'why.mirrored': 'otra regla copia aquí un archivo con este nombre',
  'why.failed': 'su descarga falló; «cola» dice por qué',
  'why.cancelled': 'su descarga se canceló aquí; con «bajar» se trae de todos modos',
  'why.rule-stopped': 'la regla está detenida hasta que usted diga «reanudar»',
};
