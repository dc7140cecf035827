import test from 'ava';
import { Lab } from './lab.ts';

const reason = Lab.available();
if (reason !== undefined) console.log(`left out: the tests in a lab of network namespaces (${reason})`);

/** A test that runs in a Lab. Where none can be made it is left out, and a line says so. */
export const labTest = reason === undefined ? test.serial : test.serial.skip;
