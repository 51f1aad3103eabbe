#!/usr/bin/env node
'use strict'
/*
 * launcher.js - from a command of the npm package to the program for this machine, which is in a package of its own
 *
 * Packed as bin/opencode-cloud.js and bin/occ.js, for a package manager's shim leaves no other trace of the name that was typed. Where Node can (22.15, 23.11), the
 * program takes this process's place; else it is a child: signals go to it, and its end, also one by a signal, is this process's end.
 */
const fs = require('fs')
const path = require('path')

const name = path.basename(__filename, '.js')
const platform = process.platform + '-' + process.arch
const known = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64']

function fail(...lines) {
  process.stderr.write(name + ': ' + lines.join('\n') + '\n')
  process.exit(1)
}

// What is typed to call it again: OCC_CALLED_AS, see applets/applet.h
function calledAs(real) {
  const env = process.env
  if (env.npm_command === 'exec' && env.npm_lifecycle_event === 'npx') return 'npx opencode-cloud'
  if (env.npm_command === 'exec' && env.npm_lifecycle_event === 'bunx') return 'bunx opencode-cloud'
  if (real.includes('/pnpm/dlx/')) return 'pnpm dlx opencode-cloud'
  return name
}

// The package beside the real place of this one: with pnpm and its like it is reachable from nowhere else.
function find(real) {
  const wanted = 'opencode-cloud-' + platform
  let program
  try {
    program = require.resolve(wanted + '/bin/opencode-cloud', { paths: [path.dirname(real)] })
  } catch {
    fail('the package ' + wanted + ' is not installed: optional packages were left out, or this is a copy from another system',
      '  try         npm install -g --include=optional opencode-cloud')
  }
  try {
    fs.accessSync(program, fs.constants.X_OK)
  } catch (e) {
    fail(program + ' cannot be run: ' + e.code, '  try         chmod 755 ' + program)
  }
  return program
}

function asChild(program, args) {
  const signals = require('os').constants.signals
  // Those of the keyboard the terminal has sent to the child as well; twice would be a person who does not want to wait.
  const keyboard = [0, 1, 2].some(fd => require('tty').isatty(fd))
  const pass = signal => {
    if (!keyboard || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) child.kill(signal)
  }
  // Before there is a child: this process must not die of one and leave it alone.
  const passed = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']
  for (const signal of passed) process.on(signal, pass)
  const child = require('child_process').spawn(program, args, { stdio: 'inherit' })
  child.on('error', e => fail(program + ' cannot be run: ' + e.code))
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code)
    for (const s of passed) process.removeListener(s, pass)
    process.kill(process.pid, signal)
    // Still here: one that Node does not die of
    process.exit(128 + signals[signal])
  })
}

if (process.platform === 'win32') fail('Windows is not one of its systems: install and run it inside WSL2 (wsl --install).')
if (!known.includes(platform)) fail('there is no program for ' + platform + ', only for ' + known.join(', '))
const real = fs.realpathSync(__filename)
const program = find(real)
const args = process.argv.slice(2)
process.env.OCC_CALLED_AS = calledAs(real)
if (process.execve) process.execve(program, [program, ...args], process.env)
else asChild(program, args)
