import type { englishPrompt } from './english-prompt.ts';

/** What the interactive prompt says, in Spanish. */
export const spanishPrompt: Readonly<Record<keyof typeof englishPrompt, string>> = {
  'prompt.greeting': 'compartidos {version}: este equipo es {name} ({short}), en el puerto {port}.',
  'prompt.greeting-folder': 'Se comparte {folder}; lo que baje aparece también allí.',
  'prompt.greeting-access-open':
    'El acceso es abierto: todos en esta red pueden ver y leer esa carpeta; nadie puede escribir en ella.',
  'prompt.type-help': 'Escriba ayuda para ver las órdenes.',
  'prompt.once-more': 'Ctrl-C otra vez para salir.',
  'prompt.peer-here': '+ {name} está aquí ({address})',
  'prompt.peer-gone': '- {name} se fue',
  'prompt.more-ended': '… y {count|terminó|terminaron} {count} {count|descarga|descargas} más.',
  'prompt.paused': 'En pausa: {count}.',
  'prompt.resumed': 'Reanudadas: {count}.',
  'prompt.cancelled': 'Canceladas: {count}.',
  'prompt.stopping': 'Deteniendo…',
  'prompt.help-footer':
    'Los números son los de la última lista: bajar 2, bajar 1-3 5. Varios nombres con espacios van entre "comillas". Tab completa.',

  'prompt-takes.list': '[PATRÓN]',
  'prompt-takes.find': 'TEXTO|PATRÓN',
  'prompt-takes.get': 'NÚMERO…|NOMBRE…|PATRÓN… [de EQUIPO]',
  'prompt-takes.pause': '[NÚMERO…|PATRÓN…]',
  'prompt-takes.resume': '[NÚMERO…|PATRÓN…]',
  'prompt-takes.cancel': '[NÚMERO…|PATRÓN…]',
  'prompt-takes.resolve': 'NÚMERO|ARCHIVO nuestro|suyo',
  'prompt-takes.restore': 'NÚMERO…|ARCHIVO…',

  'prompt-about.status': 'cómo está el agente',
  'prompt-about.peers': 'los otros equipos',
  'prompt-about.list': 'lo que compartimos',
  'prompt-about.find': 'buscar en todo lo que hay en la red',
  'prompt-about.get': 'traer archivos y carpetas',
  'prompt-about.queue': 'las descargas',
  'prompt-about.pause': 'poner en pausa descargas, o todas',
  'prompt-about.resume': 'reanudar descargas, o todas y las reglas detenidas',
  'prompt-about.cancel': 'cancelar descargas, o todas',
  'prompt-about.conflicts': 'archivos que dos equipos cambiaron a la vez',
  'prompt-about.resolve': 'resolver un conflicto; lo que no se conserva va a la papelera',
  'prompt-about.trash': 'lo que se reemplazó o se borró',
  'prompt-about.restore': 'sacar un archivo de la papelera',
  'prompt-about.check': 'leer de nuevo todos los archivos y compararlos con sus sumas',
  'prompt-about.rules': 'qué harían ahora las reglas, y por qué',
  'prompt-about.help': 'esta lista',
  'prompt-about.quit': 'detener el agente y salir',
};
