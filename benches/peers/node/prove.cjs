// Proves one witness with snarkjs as often as it is asked to, so that runs can be interleaved.
//
//   node prove.cjs KEY.zkey WITNESS.wtns THREADS
//
// Says {"ready": threads} once files and curve are in memory; then, for each line on standard input,
// one line of JSON: wall and CPU seconds of the proof, the proof, and the public signals.
"use strict";
const fs = require("fs");
const os = require("os");
const readline = require("readline");

const [zkeyFile, witnessFile, threadsText] = process.argv.slice(2);
const threads = Number(threadsText);
// ffjavascript starts one worker for each processor that this names.
const processor = os.cpus()[0];
os.cpus = () => Array(threads).fill(processor);
const snarkjs = require("snarkjs");
const options = { singleThread: threads === 1 };

const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const inMemory = (file) => ({ type: "mem", data: new Uint8Array(fs.readFileSync(file)) });

async function main() {
  const zkey = inMemory(zkeyFile);
  const witness = inMemory(witnessFile);
  const verificationKey = await snarkjs.zKey.exportVerificationKey(inMemory(zkeyFile));
  // That has started a curve with all workers; proofs use one of their own.
  await globalThis.curve_bn128.terminate();
  const curve = await snarkjs.curves.getCurveFromName("bn128", options);
  say({ ready: curve.tm.concurrency });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line !== "prove") break;
    const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
    const { proof, publicSignals } = await snarkjs.groth16.prove(zkey, witness, undefined, options);
    const spent = process.cpuUsage(cpu);
    const seconds = { wall: Number(process.hrtime.bigint() - wall) * 1e-9, cpu: (spent.user + spent.system) * 1e-6 };
    const verified = await snarkjs.groth16.verify(verificationKey, publicSignals, proof);
    say({ ...seconds, verified, proof, publicSignals });
  }
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
