import type { englishErrors } from './english-errors.ts';

/** Errors, in Spanish. */
export const spanishErrors: Readonly<Record<keyof typeof englishErrors, string>> = {
  // core
  'error.INTERNAL':
    'Algo falló dentro de compartidos[: {message}]. Por favor, avise y adjunte el archivo de registro.',
  'error.ABORTED': 'Se canceló.',
  'error.NATIVE_UNUSABLE':
    'La base de datos que compartidos necesita no funciona en este equipo ({system}): {reason}.',

  // config
  'error.CONFIG_INVALID': '[{file}, línea {line}, columna {column}: ]{problem} Corríjalo e intente de nuevo.',
  'error.CONFIG_UNREADABLE':
    'No se puede leer la configuración {file} ({reason}). Compruebe que existe y que usted puede leerla.',
  'problem.unknown-key': '«{key}» no es una clave conocida. Aquí se conocen: {choices}.',
  'problem.unknown-key-near': '«{key}» no es una clave conocida. ¿Quiso decir «{nearest}»?',
  'problem.wrong-value': '«{key}» debe ser {expected}, pero es {got}.',
  'problem.no-value': 'Falta «{key}»: debe ser {expected}.',
  'problem.wrong-document': 'La configuración debe ser {expected}, pero es {got}.',
  'problem.duplicate-key': 'Esta clave está dos veces; una de ellas sobra.',
  'problem.not-yaml': 'Esto no es YAML válido: {detail}.',
  'problem.needs-quotes': 'Un texto que empieza con {got} debe ir entre comillas, como "*.pdf".',
  'detail.tab-as-indent': 'las líneas se sangran con espacios, no con tabuladores',
  'detail.bad-indent':
    'los espacios del comienzo no concuerdan con las líneas vecinas, o falta cerrar un corchete o una llave anterior',
  'detail.key-after-value':
    'aquí no puede seguir una clave, porque ya hay un valor; un texto que contiene «: » debe ir entre comillas, y todas las claves de un grupo comienzan en la misma columna',
  'detail.no-value': 'detrás de una clave debe haber «:» y un espacio, en la misma línea',
  'detail.missing-character': 'falta una comilla, un corchete, una llave, una coma o un signo de dos puntos',
  'detail.backslash':
    'entre comillas dobles \\ se escribe dos veces; entre comillas simples vale por sí misma',
  'detail.two-documents': 'una línea de tres guiones comienza otro documento, y solo puede haber uno',
  'detail.no-text': 'cada clave debe ser un texto',
  'detail.directive': 'una línea que empieza con % solo puede ser %YAML 1.2',
  'detail.out-of-place': 'lo que hay aquí no corresponde a este lugar',
  'detail.other': 'lo que hay aquí no se entiende',
  'problem.too-deep': 'Hay demasiados niveles, uno dentro de otro.',
  'problem.too-large': 'El archivo pasa de 1 MiB.',
  'problem.not-text': 'El archivo no es texto UTF-8.',
  'problem.ambiguous-peer': 'Hay varios equipos llamados {name}: diga cuál por su id.',
  'problem.not-shareable':
    '«{key}» es {got}: es la raíz de un disco, o dentro está su carpeta personal, y todos en la red podrían leerlo todo. Elija una carpeta para compartir, como ~/compartidos.',
  'expected.name': 'un texto de 1 a 63 bytes, sin caracteres de control',
  'expected.path': 'la ruta de una carpeta, en un solo texto',
  'expected.whole': 'un número entero, {choices}',
  'expected.one-of': 'uno de estos valores: {choices}',
  'expected.boolean': 'true o false',
  'expected.size': 'un tamaño, como 100 MB o 1.5 GiB',
  'expected.log-size': 'un tamaño de 64 KiB o más, como 10 MB',
  'expected.rate': 'una velocidad de 1 kB/s o más, como 5 MB/s',
  'expected.interval': 'un tiempo de 1 s a 24 h, como 30 s o 5 min',
  'expected.address': 'una dirección como 192.168.1.7:6000, servidor.example:6000 o [fe80::1]:6000',
  'expected.patterns': 'un patrón como "*.pdf", o una lista de ellos; al menos uno sin «!» delante',
  'expected.inner-pattern':
    'un patrón que coincida con algo dentro de la carpeta compartida, sin «/» en los extremos y sin partes vacías, «.» o «..»',
  'expected.devices': 'el nombre o el id de un equipo, o una lista de ellos',
  'expected.into':
    'una carpeta dentro de la compartida, como fotos/{peer}, donde solo {peer} y {date} pueden ir entre llaves',
  'expected.window': 'días y horas, como Mo-Fr 08:00-18:00',
  'expected.map': 'un grupo de claves con sus valores',
  'expected.list': 'una lista, con «- » delante de cada cosa que contiene',

  // model
  'error.PATH_INVALID':
    'El nombre {path} no se puede usar: {reason}. Los nombres son relativos a la carpeta compartida, con «/» entre carpetas.',
  'error.DEVICE_ID_INVALID':
    '{value} no es el id de un equipo: compárelo con lo que muestra la orden estado en ese equipo.',
  'error.GLOB_INVALID': 'No se entiende el patrón {pattern}. Pruebe con algo como *.pdf o fotos/**.',

  // security
  'error.IDENTITY_UNREADABLE':
    'No se puede leer la clave de este equipo en {file} ({reason}). Recupérela de una copia, o bórrela para empezar como un equipo nuevo.',
  'error.ACCESS_DENIED': 'El equipo no nos permite hacer eso: pregunte a su dueño.',

  // transport
  'error.PORT_IN_USE':
    'El puerto {port} ya está en uso, quizá por otro agente. Detenga ese programa, o elija otro puerto con --port o con «port:» en la configuración.',
  'error.PORT_FORBIDDEN':
    'El sistema no deja que este programa use el puerto {port}. Elija uno mayor que 1023 con --port o con «port:» en la configuración.',
  'error.CONNECTION_FAILED':
    'No hay conexión[ con {host}, puerto {port}][ para {path}][ ({reason})]. Compruebe que el otro equipo está encendido y que ningún cortafuegos lo impide.',
  'error.CONNECTION_CLOSED':
    'Se cerró la conexión[ con {host}, puerto {port}][ ({reason})]. Se intentará de nuevo.',
  'error.HANDSHAKE_FAILED':
    'El equipo[ de {host}, puerto {port},] no pudo probar quién es[ ({reason})]. Compruebe que allí funciona un compartidos actual.',
  'error.REQUEST_TIMED_OUT':
    'El otro equipo[, {host}, puerto {port},] no respondió a tiempo. Se intentará de nuevo.',
  'error.REQUEST_REFUSED':
    'El otro equipo[, {host}, puerto {port},] se negó[ ({reason})]. Se intentará de nuevo, o se pedirá a otros.',

  // index
  'error.FOLDER_MISSING':
    'La carpeta compartida {folder} falta o no se puede usar[: {reason}]. No se comparte ni se borra nada hasta que se pueda. Compruebe que es una carpeta que usted puede leer y escribir, o indique otra con «folder:» en la configuración.',
  'error.FOLDER_CHANGED':
    'La carpeta compartida {folder} no es la que era: falta su marca o es otra, quizá hay otro disco montado. No se propaga nada hasta que vuelva la correcta. Para seguir con esta en su lugar, cree un archivo vacío {marker}: lo que no esté en ella contará entonces como borrado.',
  'error.WATCH_LIMIT':
    'El sistema no permite vigilar más archivos[ ({reason})]: los cambios se buscan recorriendo la carpeta, que tarda más.[ Aumente {setting}.]',

  // transfer
  'error.NOT_FOUND': 'No existe[ {what}] «[{name}][{path}]».[ {look}]',
  'error.NO_SOURCE': 'Ningún equipo en línea tiene {path}. Se intentará de nuevo cuando aparezca uno.',
  'error.SOURCE_UNREADABLE':
    '{device} no puede leer todo {path}: quizá su disco está dañado (allí lo dice la orden comprobar). El resto se traerá cuando {device} pueda leerlo o lo tenga otro equipo.',
  'error.SOURCE_CHANGED': '{path} cambió mientras se traía. Se traerá la versión nueva.',
  'error.HASH_MISMATCH': '{device} envió bytes equivocados de {path}. Se descartaron y se piden a otros.',
  'error.DISK_FULL':
    'No hay lugar en el disco para {path}[: necesita {needed} y quedan {free}][ sin contar los {kept} que min_free en config.yaml mantiene libres]. Haga lugar; seguirá por sí solo.',
  'error.DISK_READ_ONLY':
    'No se puede escribir {path}: el disco es de solo lectura. Seguirá por sí solo cuando eso termine.',
  'error.DISK_ERROR':
    'El disco falló en {path}[ ({reason})]. Revise el disco; se intentará de nuevo por sí solo.',
  'error.PERMISSION_DENIED':
    'El sistema no permite escribir {path}[ ({reason})]. Corrija los permisos o cierre el programa que lo tiene abierto; seguirá por sí solo.',
  'error.NAME_UNSUPPORTED':
    'El nombre {path} no puede existir en este disco[: {reason}]. Cámbielo en el equipo de donde viene o quite de aquí lo que estorba.',
  'error.FILE_TOO_LARGE':
    '{path} es más grande de lo que admite este disco; en FAT el límite es 4 GiB. Comparta una carpeta de otro disco o dé a este el formato exFAT.',
  'error.OVER_MAX_SIZE':
    '{path} ocupa más que los {allowed} que admite su regla, y un equipo clásico no lo dice antes. Suba max_size en config.yaml o tráigalo con bajar.',
  'error.OTHER_DISK':
    '{path} está en una carpeta que es otro disco que la carpeta compartida: lo que hay allí se puede ofrecer, pero compartidos no lo puede cambiar. Comparta ese disco mismo (folder en config.yaml) o haga que una regla lo ponga en otro lugar (into).',

  // faces
  'error.USAGE': '[{problem}][{message} Vea --help.]',
  'error.NO_AGENT':
    'No hay ningún agente en marcha para {folder}. Inícielo con «npm start» o «npx compartidos iniciar».',
  'error.OTHER_CONFIG':
    'No hay ningún agente en marcha para {file}: el de esta carpeta tiene la configuración {running}. Nombre esa con --config, o ponga esta en otra carpeta para iniciar un agente con ella.',
  'error.AGENT_UNREACHABLE':
    'El agente de {folder} no responde ({reason}). Detenga el proceso e inícielo de nuevo.',
  'error.AGENT_STOPPED':
    'El agente de {folder} se detuvo. Lo que estaba en marcha continúa cuando se inicie de nuevo.',
  'error.OUTPUT_FAILED': 'No se pudo escribir toda la respuesta ({reason}).',
};
