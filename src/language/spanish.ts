import type { SentenceKey } from './english.ts';
import { spanishErrors } from './spanish-errors.ts';
import { spanishFaces } from './spanish-faces.ts';
import { spanishReasons } from './spanish-reasons.ts';
import { spanishRules } from './spanish-rules.ts';
import { spanishPrompt } from './spanish-prompt.ts';
import { spanishViews } from './spanish-views.ts';

/** What users read, in Spanish: the same keys as in English. */
export const spanish: Readonly<Record<SentenceKey, string>> = {
  ...spanishErrors,
  ...spanishFaces,
  ...spanishReasons,
  ...spanishRules,
  ...spanishPrompt,
  ...spanishViews,

  // agent
  'agent.started': 'compartidos: {name} ({device}) comparte {folder} en el puerto {port}.',
  'access.open':
    'El acceso es abierto: todos en esta red pueden ver y leer la carpeta; nadie puede escribir en ella.',
  'agent.ready': 'Se recorrió la carpeta compartida: {files} {files|archivo|archivos}[, {reading} por leer].',
  'agent.stop-failed': 'Algo falló mientras compartidos se detenía: {message}',
  'agent.stopped': 'compartidos se detuvo.',

  // trash
  'trash.not-put-back':
    '{path} no se pudo devolver a su lugar ({reason}): el disco falló dos veces. Está en la papelera o junto a su lugar con otro nombre, y no cuenta como borrado.',
  'trash.purge-failed': 'No se pudo limpiar la papelera ({reason}); se intenta otra vez en una hora.',

  // config
  'config.reloaded': 'Se leyó de nuevo la configuración.',
  'config.broken': 'La configuración tiene un error y sigue valiendo la anterior. {error}',
  'config.restart-needed': 'Estos ajustes cambian cuando el agente se inicie de nuevo: {keys}.',
  'config.not-watched': 'No se notarán los cambios de {file}: {message}.',

  // discovery
  'network.changed': 'La red cambió. Direcciones ahora: {addresses}.',
  'discovery.unresolved':
    'No se encuentra el equipo {host}, de discovery.peers en la configuración: {reason}. ¿Está bien escrito? También sirve su dirección IP.',
  'mdns.failed':
    'No se pueden encontrar otros equipos por multicast en {interface} ({family}): {reason}. Se reintenta de vez en cuando.',
  'mdns.packet_mishandled': 'Se descartó un paquete que llegó por {interface} ({family}): {reason}.',

  // index
  'file.skipped': '{path} no se comparte: {reason}.',
  'file.more-skipped':
    'Tampoco se {count|comparte|comparten} {count} más; el registro {count|lo|los} nombra.',
  'file.corrupt':
    '{path} no es lo que era aunque nadie lo cambió: quizá falla el disco. Si otro equipo lo tiene, «bajar» en el programa, o «npx compartidos bajar», lo reemplaza; si no, recupérelo de una copia. Si está bien como está, guárdelo otra vez.',
  'file.unreadable':
    '{path} no se puede leer ({reason}): quizá falla el disco. Haga una copia mientras pueda.',
  'check.more-corrupt':
    '{count|Dañado|Dañados} de la misma manera hay {count} {count|archivo|archivos} más; «comprobar» en el programa, o «npx compartidos comprobar», los nombra todos.',
  'check.failed': 'La comprobación de los archivos en segundo plano se interrumpió: {message}',
  'folder.found': 'La carpeta compartida está de nuevo.',
  'folder.lost':
    'La carpeta compartida {folder} no se puede usar: {code}[ ({reason})]. No se comparte ni se borra nada hasta que vuelva.',
  'folder.unmounted':
    'El disco que estaba en {path} no está. Lo que tenía no se da por borrado; para darlo por borrado, borre esa carpeta.',
  'folder.scan-failed': 'No se pudo recorrer la carpeta compartida hasta el final: {message}.',
  'watch.limited':
    'El sistema no permite vigilar más carpetas ({reason}): los cambios se buscan recorriéndolas cada diez segundos. Aumente {setting}.',
  'watch.restored': 'Se vigila de nuevo toda la carpeta.',
  'index.readable': 'El índice se puede leer de nuevo, y desde entonces se ha mirado todo.',
  'index.unreadable':
    'El índice no se puede leer ({reason}): no se ven los cambios. Cada diez segundos se mira todo otra vez; quizá falla el disco.',
  'index.unwritable':
    'El índice no se puede escribir ({reason}). Se intenta de nuevo cada dos segundos; ¿está lleno el disco?',
  'error.STATE_LOCKED':
    'Ya hay otro agente (proceso {pid}) en marcha sobre {folder}. Deténgalo primero, o inicie este con una configuración que esté en otra carpeta (--config).',
  'error.STATE_UNWRITABLE':
    'No se puede usar la carpeta de estado {folder} ({reason}). Compruebe que existe, que es suya y que queda espacio.',
  'error.STATE_TOO_NEW':
    'La carpeta de estado es de una versión posterior ({version}). Instale esa versión, o inicie con una configuración que esté en otra carpeta (--config).',
  'catalogue.update-failed': 'No se pudo guardar lo que {name} dice de sus archivos: {reason}',
  'catalogue.device-full':
    '{name} tiene más archivos, contando los borrados, de los que se guardan de un equipo: lo que cambia allí ya no se ve aquí. «npx compartidos estado» dice allí qué hacer.',
  'catalogue.no-room':
    'Por ahora no se guarda lo que otros dicen de sus archivos: {reason}. Sigue por sí solo cuando haya lugar.',
  'catalogue.send-failed': 'No se pudo enviar la lista de sus archivos a {name}: {reason}',
  'index.too-many':
    'Este equipo informa de {count} archivos y carpetas, contando los borrados; por encima de {limit}, los demás dejan de ver lo que cambia aquí. Anote en .compartidosignore las carpetas donde se crean y borran archivos sin parar. Para olvidar lo que se borró hace tiempo, detenga compartidos, borre {file} e inícielo de nuevo; un equipo que no estuvo desde entonces puede traer algo de eso de vuelta.',
  'index.begun-anew':
    'La carpeta compartida era antes {folder}. El índice se hace de nuevo; lo que solo está allí ya no se comparte, y no cuenta como borrado.',
  'index.rebuilt':
    'El índice estaba dañado y se está rehaciendo a partir de sus archivos, que siguen intactos. El anterior quedó en {file}.',

  // wire
  'error.FRAME_INVALID': 'El otro lado envió algo ajeno al protocolo: se esperaba {expected} y llegó {got}.',
  'error.MESSAGE_INVALID':
    'El otro lado envió un mensaje no válido ({field})[: se esperaba {expected} y llegó {got}].',
  'classic.file.sent': '{path} se envió a {address} ({bytes}, sin cifrar).',
  'classic.file.changed': '{path} cambió mientras se enviaba a {address}; la transferencia se cortó.',
  'classic.interrupted': 'La conexión sin cifrar de {address} terminó antes de tiempo: {reason}',

  // transport
  'peer.connected': '{name} ({device}) está aquí, en {address}.',
  'peer.disconnected': '{name} ({device}) se fue ({reason}).',
  'identity.twin':
    'El equipo de {address} tiene la misma identidad que este: se copió una imagen de disco o la carpeta del estado. No se ven entre sí, y los demás ven solo uno de los dos. En uno de ellos, detenga compartidos, borre la carpeta {folder} e inícielo de nuevo.',
  'peer.incompatible':
    'El compartidos de {address} es de otra versión, y los dos no se entienden: instale la misma versión en ambos equipos.',
  'peer.denied': 'El equipo {device} de {address} no tiene permiso para conectarse.',
  'caller.refused':
    'Se rechazó una llamada desde {address} ({reason}). Las demás desde allí no se mencionan.',
  'listener.failed': 'No se pudo recibir una llamada ({reason}).',
  'dial.failed': 'No hay respuesta de {address} ({reason}).',
  'connection.closed': 'Se cerró una conexión con {device} en {address} ({reason}).',
  'connection.invalid': 'El equipo {device} en {address} no respeta el protocolo ({reason}).',
  'connection.failed': 'Algo falló dentro de compartidos con {device} en {address}: {error}',

  // transfer
  'peer.lied': '{name} envió bytes incorrectos de {path}. Se descartaron y por ahora no se le pide nada más.',
  'downloads.tidy-failed':
    'No se pudo quitar lo que dejaron descargas anteriores ({reason}); se intenta otra vez en el próximo inicio.',
  'download.done': '{path} ya está aquí.',
  'download.paused': '{path} espera al disco ({code}). Continúa por sí solo.',
  'download.failed': 'No se pudo obtener {path} ({code}).',
};
