//! snarkjs in a process of its own, asked for one proof after another.

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_groth16::Proof;
use serde::Deserialize;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use thiserror::Error;
use zkmargin::bench::Span;

/// Why snarkjs does not run.
#[derive(Debug, Error)]
pub enum SnarkjsError {
    /// Node cannot be started.
    #[error("snarkjs needs node, and `node` cannot be started: {0}")]
    NoNode(std::io::Error),
    /// The named directory has no snarkjs.
    #[error("no snarkjs in {0}; run `npm ci --prefix {0}`, or name its directory with --snarkjs DIR")]
    NotInstalled(String),
    /// The process ended before it answered; the text says when.
    #[error("snarkjs ended before it answered: {0}")]
    Ended(String),
    /// The answer of the process cannot be read; the text says why.
    #[error("snarkjs answers what cannot be read: {0}")]
    Answer(String),
    /// The process started another number of threads than it was asked for.
    #[error("snarkjs was asked for {asked} threads and started {started}")]
    Threads {
        /// Number of threads that it was asked for.
        asked: usize,
        /// Number of threads that it started.
        started: usize,
    },
}

/// A running snarkjs with key and witness in memory.
pub(crate) struct Snarkjs {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// A proof with its public signals, and how long snarkjs took for it.
pub(crate) struct Answer {
    pub span: Span,
    pub proof: Proof<Bn254>,
    pub public: Vec<Fr>,
    /// Whether snarkjs itself accepts it, with the verifying key in its key file.
    pub verified: bool,
}

#[derive(Deserialize)]
struct Ready {
    ready: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proved {
    wall: f64,
    cpu: f64,
    verified: bool,
    proof: ProofText,
    public_signals: Vec<String>,
}

/// Decimal coordinates, projective; c0 before c1.
#[derive(Deserialize)]
struct ProofText {
    pi_a: [String; 3],
    pi_b: [[String; 2]; 3],
    pi_c: [String; 3],
}

/// Refuses a directory that snarkjs is not installed in, and a machine without node.
pub fn check(directory: &Path) -> Result<(), SnarkjsError> {
    Command::new("node").arg("--version").output().map_err(SnarkjsError::NoNode)?;
    if directory.join("node_modules/snarkjs").is_dir() && directory.join("prove.cjs").is_file() {
        Ok(())
    } else {
        Err(SnarkjsError::NotInstalled(directory.display().to_string()))
    }
}

impl Snarkjs {
    /// Starts `prove.cjs` of `directory` and waits until it has read its files.
    pub fn start(directory: &Path, zkey: &Path, wtns: &Path, threads: usize) -> Result<Self, SnarkjsError> {
        check(directory)?;
        let mut command = Command::new("node");
        command.arg(directory.join("prove.cjs")).args([zkey, wtns]).arg(threads.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().map_err(SnarkjsError::NoNode)?;
        let pipes = (child.stdin.take(), child.stdout.take());
        let (Some(questions), Some(answers)) = pipes else {
            return Err(SnarkjsError::Ended("no pipes".to_owned()));
        };
        let mut snarkjs = Snarkjs { child, questions, answers: BufReader::new(answers) };
        let Ready { ready: started } = snarkjs.read()?;
        if started == threads { Ok(snarkjs) } else { Err(SnarkjsError::Threads { asked: threads, started }) }
    }

    /// Asks for one proof.
    pub fn prove(&mut self) -> Result<Answer, SnarkjsError> {
        writeln!(self.questions, "prove").map_err(|error| SnarkjsError::Ended(error.to_string()))?;
        let proved: Proved = self.read()?;
        let span = Span { wall: proved.wall, cpu: proved.cpu };
        let public = proved.public_signals.iter().map(|text| number(text)).collect::<Result<_, _>>()?;
        Ok(Answer { span, proof: proved.proof.proof()?, public, verified: proved.verified })
    }

    fn read<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T, SnarkjsError> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line);
        if read.map_err(|error| SnarkjsError::Ended(error.to_string()))? == 0 {
            return Err(SnarkjsError::Ended("see its message above".to_owned()));
        }
        serde_json::from_str(&line).map_err(|error| SnarkjsError::Answer(error.to_string()))
    }
}

impl Drop for Snarkjs {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing left to do about a failure here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl ProofText {
    fn proof(&self) -> Result<Proof<Bn254>, SnarkjsError> {
        let g1 = |text: &[String; 3]| -> Result<G1Affine, SnarkjsError> {
            Ok(G1Affine::new_unchecked(number(&text[0])?, number(&text[1])?))
        };
        let fq2 = |text: &[String; 2]| -> Result<Fq2, SnarkjsError> {
            Ok(Fq2::new(number::<Fq>(&text[0])?, number::<Fq>(&text[1])?))
        };
        let b = G2Affine::new_unchecked(fq2(&self.pi_b[0])?, fq2(&self.pi_b[1])?);
        let (a, c) = (g1(&self.pi_a)?, g1(&self.pi_c)?);
        if a.is_on_curve() && b.is_on_curve() && c.is_on_curve() {
            Ok(Proof { a, b, c })
        } else {
            Err(SnarkjsError::Answer("a point off the curve".to_owned()))
        }
    }
}

fn number<F: std::str::FromStr>(text: &str) -> Result<F, SnarkjsError> {
    text.parse().map_err(|_| SnarkjsError::Answer(format!("'{text}' is no field element")))
}
