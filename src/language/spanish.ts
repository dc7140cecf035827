import type { SentenceKey } from './english.ts';

/** What users read, in Spanish: the same keys as in English. */
export const spanish: Readonly<Record<SentenceKey, string>> = {
  'error.INTERNAL':
    'Algo falló dentro de compartidos: {message}. Por favor, avise y adjunte el archivo de registro.',

  // index
  'error.STATE_LOCKED':
    'Ya hay otro agente (proceso {pid}) en marcha sobre {folder}. Deténgalo primero, o inicie este con otro --config.',
  'error.STATE_UNWRITABLE':
    'No se puede usar la carpeta de estado {folder} ({reason}). Compruebe que existe, que es suya y que queda espacio.',
  'error.STATE_TOO_NEW':
    'La carpeta de estado es de una versión posterior ({version}). Instale esa versión, o inicie con otro --config.',
  'index.rebuilt':
    'El índice estaba dañado y se está rehaciendo a partir de sus archivos, que siguen intactos. El anterior quedó en {file}.',

  // wire
  'error.FRAME_INVALID': 'El otro lado envió algo ajeno al protocolo: se esperaba {expected} y llegó {got}.',
  'error.MESSAGE_INVALID':
    'El otro lado envió un mensaje no válido ({field}): se esperaba {expected} y llegó {got}.',
};
