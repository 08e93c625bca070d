// Compiles the contracts with the pinned compiler and fixed settings, and writes generated/artifacts.json.
// With --check it compares with the committed file instead and fails where they differ.
// With --source FILE it compiles one stand-alone file (an exported verifier) and prints its artefact.
// With --build-info FOLDER it writes what slither reads: the sources, and the compiler's input and output as Hardhat keeps them.
// With --contracts FOLDER NAME… it compiles that folder in place of src/contracts and prints the artefact of the contracts with these names.
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { dirname, join, basename } = require('node:path');
const solc = require('solc');

const ARTEFACT = join(__dirname, 'generated', 'artifacts.json');
const DEPLOYED = ['Groth16Verifier', 'KeyedVerifier', 'MarginRollup', 'MockERC20'];
const SETTINGS = {
  optimizer: { enabled: true, runs: 1000000 },
  viaIR: true,
  evmVersion: 'cancun',
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

/** Our own sources, by the name under which the compiler sees them; `contracts` is the folder of the contracts. */
function ownSources(contracts = join(__dirname, 'src/contracts')) {
  const sources = {};
  const folders = { 'src/contracts': contracts, 'test-contracts': join(__dirname, 'test-contracts') };
  for (const [name, folder] of Object.entries(folders)) {
    for (const file of readdirSync(folder).filter((f) => f.endsWith('.sol')).sort()) {
      sources[`${name}/${file}`] = { content: readFileSync(join(folder, file), 'utf8') };
    }
  }
  return sources;
}

/** Compiles; also returns every source that took part, imports included. */
function compile(sources, settings = SETTINGS) {
  const used = { ...sources };
  const findImports = (path) => {
    try {
      const content = readFileSync(join(__dirname, 'node_modules', path), 'utf8');
      used[path] = { content };
      return { contents: content };
    } catch (error) {
      return { error: `${path}: ${error.message}` };
    }
  };
  const input = { language: 'Solidity', sources, settings };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImports }));
  // Warnings count as errors, except about the libraries' own files.
  const ours = (message) => message.severity === 'error' || !message.sourceLocation?.file.startsWith('@');
  const messages = (output.errors ?? []).filter(ours);
  if (messages.length > 0) {
    for (const message of messages) console.error(message.formattedMessage);
    throw new Error('the compiler had messages; warnings count as errors');
  }
  return { output, used };
}

/** SHA-256 over names and contents, in the order of the names. */
function hashSources(used) {
  const hash = createHash('sha256');
  for (const name of Object.keys(used).sort()) {
    hash.update(`${name}\0${used[name].content.length}\0${used[name].content}\0`);
  }
  return hash.digest('hex');
}

/** The artefact of the `wanted` contracts, or of all; with `alone` no code is made for the others. */
function artefact(sources, wanted, alone = false) {
  const selected = Object.fromEntries((wanted ?? []).map((name) => [name, SETTINGS.outputSelection['*']['*']]));
  const { output, used } = compile(sources, alone ? { ...SETTINGS, outputSelection: { '*': selected } } : SETTINGS);
  const contracts = {};
  for (const file of Object.keys(output.contracts).sort()) {
    for (const [name, contract] of Object.entries(output.contracts[file])) {
      if (wanted && !wanted.includes(name)) continue;
      contracts[name] = {
        source: file,
        abi: contract.abi,
        bytecode: contract.evm.bytecode.object,
        runtimeBytecode: contract.evm.deployedBytecode.object,
      };
    }
  }
  const settings = { ...SETTINGS };
  delete settings.outputSelection;
  const document = { compiler: solc.version(), settings, sourceHash: hashSources(used), contracts };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** A Hardhat project in `folder` that is compiled already: slither's command stands in docs/security.md. */
function writeBuildInfo(folder) {
  const analysed = ['abi', 'metadata', 'devdoc', 'userdoc', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers'];
  const settings = { ...SETTINGS, outputSelection: { '*': { '*': analysed, '': ['ast'] } } };
  const contracts = Object.entries(ownSources()).filter(([name]) => name.startsWith('src/'));
  const { output, used } = compile(Object.fromEntries(contracts), settings);
  for (const [name, { content }] of Object.entries(used)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  const input = { language: 'Solidity', sources: used, settings };
  const [solcVersion, solcLongVersion] = [solc.version().split('+')[0], solc.version()];
  const info = { id: 'zkmargin', _format: 'hh-sol-build-info-1', solcVersion, solcLongVersion, input, output };
  mkdirSync(join(folder, 'artifacts/build-info'), { recursive: true });
  writeFileSync(join(folder, 'artifacts/build-info/zkmargin.json'), JSON.stringify(info));
  writeFileSync(join(folder, 'hardhat.config.js'), 'module.exports = {};\n');
}

function main(args) {
  if (args[0] === '--build-info') {
    writeBuildInfo(args[1]);
    return;
  }
  if (args[0] === '--source') {
    const content = readFileSync(args[1], 'utf8');
    process.stdout.write(artefact({ [basename(args[1])]: { content } }));
    return;
  }
  if (args[0] === '--contracts') {
    process.stdout.write(artefact(ownSources(args[1]), args.slice(2), true));
    return;
  }
  const fresh = artefact(ownSources(), DEPLOYED);
  if (args[0] !== '--check') {
    writeFileSync(ARTEFACT, fresh);
    return;
  }
  if (readFileSync(ARTEFACT, 'utf8') !== fresh) {
    throw new Error('generated/artifacts.json does not come from these sources: run npm run build and commit it');
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
