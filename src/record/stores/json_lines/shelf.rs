//! What is asked of the file?

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use fs4::{FileExt, TryLockError};

use super::line::{Line, damaged, from_hex};
use crate::clock::Timestamp;
use crate::id::{ArtefactId, EventId, ReceiptId, hex};
use crate::record::artefact::Artefact;
use crate::record::head::{Entry, Head};
use crate::record::log::{Batch, Erased, Held, LogError, Purged};
use crate::record::row::{Row, Stored};
use crate::record::seal::Seal;
use crate::record::stores::desk::{self, Step};

/// How often, and how far apart, the lock is tried for.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(10);

/// The open file and where its lines are.
pub(super) struct Shelf {
    path: PathBuf,
    file: File,
    /// The file beside it, locked as long as this one is open.
    beside: File,
    seal: Seal,
    head: Head,
    index: Index,
    /// Whether something half written may stand behind the last line.
    torn: bool,
}

/// Where a line starts and how long it is without its end.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    length: usize,
}

/// What the file holds.
#[derive(Clone, Default)]
struct Index {
    rows: BTreeMap<u64, Span>,
    ids: HashSet<EventId>,
    receipts: HashMap<ReceiptId, Vec<u64>>,
    artefacts: HashMap<ArtefactId, Span>,
    holds: BTreeMap<ReceiptId, String>,
    /// The position that the next row gets.
    next: u64,
    /// Where the last whole group ends, in bytes.
    end: u64,
}

impl Index {
    fn row(&mut self, position: u64, row: &Row, span: Span) {
        self.rows.insert(position, span);
        self.ids.insert(row.id);
        self.receipts.entry(row.receipt).or_default().push(position);
        self.next = self.next.max(position.saturating_add(1));
    }

    /// Takes in a line. Gives the head, where it is one.
    fn line(&mut self, line: &[u8], span: Span) -> Option<Head> {
        match Line::read(line) {
            Some(Line::Row(row)) => {
                // A second row in one place must not hide the first.
                let taken = self.rows.contains_key(&row.position);
                let position = if taken { self.next } else { row.position };
                self.row(position, &row.into_row(), span);
            }
            Some(Line::Artefact(artefact)) => {
                if let Some(id) = ArtefactId::from_hex(&artefact.id) {
                    self.artefacts.entry(id).or_insert(span);
                }
            }
            Some(Line::Hold { receipt, reason }) => {
                if let Some(receipt) = ReceiptId::from_hex(&receipt) {
                    self.holds.insert(receipt, reason);
                }
            }
            Some(Line::Release { receipt }) => {
                if let Some(receipt) = ReceiptId::from_hex(&receipt) {
                    self.holds.remove(&receipt);
                }
            }
            Some(Line::Next(next)) => self.next = self.next.max(next),
            Some(Line::Head(head)) => {
                self.end = span.start + span.length as u64 + 1;
                return Some(Head::from_bytes(&from_hex(&head)));
            }
            None => self.row(self.next, &damaged(line), span),
        }
        None
    }

    /// Reads a whole file. Gives its last head, where it has one.
    fn of(file: &File) -> io::Result<(Self, Option<Head>)> {
        let mut index = Self {
            next: 1,
            ..Self::default()
        };
        // What has no head behind it yet.
        let mut group: Vec<(Vec<u8>, Span)> = Vec::new();
        let mut head = None;
        let mut reader = BufReader::new(file);
        let mut start = 0;
        loop {
            let mut line = Vec::new();
            let read = reader.read_until(b'\n', &mut line)?;
            if line.pop_if(|end| *end == b'\n').is_none() {
                return Ok((index, head));
            }
            let span = Span {
                start,
                length: line.len(),
            };
            start += read as u64;
            let ends = line.starts_with(b"{\"head\"");
            group.push((line, span));
            if ends {
                for (line, span) in group.drain(..) {
                    head = index.line(&line, span).or(head);
                }
            }
        }
    }
}

impl desk::Shelf for Shelf {
    fn prepare(batch: Batch) -> Batch {
        batch
    }

    fn append(&mut self, batches: &[Batch]) -> Result<(), LogError> {
        let mut out = Vec::new();
        let mut rows = BTreeMap::new();
        let mut ids = HashSet::new();
        let mut artefacts = HashMap::new();
        let end = self.index.end;
        let mut add = |line: &Line| {
            let start = out.len();
            line.write(&mut out);
            Span {
                start: end + start as u64,
                length: out.len() - start - 1,
            }
        };
        for batch in batches {
            for artefact in batch.artefacts.iter() {
                let id = artefact.id();
                if !self.index.artefacts.contains_key(&id) {
                    artefacts
                        .entry(id)
                        .or_insert_with(|| add(&Line::artefact(artefact)));
                }
            }
            for row in &batch.rows {
                if self.index.ids.contains(&row.id) || !ids.insert(row.id) {
                    continue;
                }
                let position = self.index.next + rows.len() as u64;
                rows.insert(position, (row, add(&Line::row(position, row))));
            }
        }
        let head = if rows.is_empty() {
            self.head.clone()
        } else {
            let added = rows.iter().map(|(at, (row, _))| Entry::new(*at, row));
            self.head.changed(&self.seal, added, [])
        };
        self.add(out, head)?;
        self.index.artefacts.extend(artefacts);
        for (position, (row, span)) in rows {
            self.index.row(position, row, span);
        }
        Ok(())
    }

    fn by_receipt(&mut self, receipt: ReceiptId) -> Result<Vec<Stored>, LogError> {
        let positions = self.index.receipts.get(&receipt);
        let spans = positions.into_iter().flatten().filter_map(|position| {
            let span = self.index.rows.get(position)?;
            Some((*position, *span))
        });
        self.rows(spans)
    }

    fn page(&mut self, after: u64, limit: usize) -> Result<Vec<Stored>, LogError> {
        let rows = self.index.rows.range(after.saturating_add(1)..);
        self.rows(rows.take(limit).map(|(position, span)| (*position, *span)))
    }

    fn artefact(&mut self, id: ArtefactId) -> Result<Option<Artefact>, LogError> {
        let Some(span) = self.index.artefacts.get(&id) else {
            return Ok(None);
        };
        Ok(match Line::read(&self.read(*span).map_err(failed)?) {
            Some(Line::Artefact(artefact)) => Some(artefact.into_artefact()),
            _ => None,
        })
    }

    fn head(&mut self) -> Result<Option<Head>, LogError> {
        Ok(Some(self.head.clone()))
    }

    fn erase(&mut self, receipt: ReceiptId) -> Result<Erased, LogError> {
        if let Some(reason) = self.index.holds.get(&receipt) {
            return Ok(Erased::held(reason.clone()));
        }
        let goes: HashSet<u64> = self
            .index
            .receipts
            .get(&receipt)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        if !goes.is_empty() {
            self.rewrite(&goes, &HashSet::new())?;
        }
        Ok(Erased::rows(goes.len() as u64))
    }

    fn purge(&mut self, before: Timestamp) -> Result<Step, LogError> {
        let mut goes = HashSet::new();
        let mut kept: BTreeMap<ReceiptId, u64> = BTreeMap::new();
        let mut named = HashSet::new();
        for (position, span) in &self.index.rows {
            let row = self.row(*span).map_err(failed)?;
            let due = row.at < before;
            let held = self.index.holds.contains_key(&row.receipt);
            if due && held {
                *kept.entry(row.receipt).or_default() += 1;
            }
            if due && !held {
                goes.insert(*position);
            } else {
                named.extend(row.artefacts().unwrap_or_default());
            }
        }
        let ids = self.index.artefacts.keys().copied();
        let unnamed: HashSet<ArtefactId> = ids.filter(|id| !named.contains(id)).collect();
        if !goes.is_empty() || !unnamed.is_empty() {
            self.rewrite(&goes, &unnamed)?;
        }
        let reason = |receipt| self.index.holds.get(receipt).cloned().unwrap_or_default();
        let kept = kept
            .iter()
            .map(|(receipt, rows)| Held::new(*receipt, *rows, reason(receipt)));
        Ok(Step::Done(Purged::new(
            goes.len() as u64,
            unnamed.len() as u64,
            kept.collect(),
        )))
    }

    fn hold(&mut self, receipt: ReceiptId, reason: &str) -> Result<u64, LogError> {
        let mut out = Vec::new();
        let line = Line::Hold {
            receipt: receipt.to_hex(),
            reason: reason.to_owned(),
        };
        line.write(&mut out);
        self.add(out, self.head.clone())?;
        self.index.holds.insert(receipt, reason.to_owned());
        let positions = self.index.receipts.get(&receipt);
        Ok(positions.map_or(0, |positions| positions.len() as u64))
    }

    fn release(&mut self, receipt: ReceiptId) -> Result<bool, LogError> {
        if !self.index.holds.contains_key(&receipt) {
            return Ok(false);
        }
        let mut out = Vec::new();
        let line = Line::Release {
            receipt: receipt.to_hex(),
        };
        line.write(&mut out);
        self.add(out, self.head.clone())?;
        Ok(self.index.holds.remove(&receipt).is_some())
    }

    fn remove_artefact(&mut self, id: ArtefactId) -> Result<bool, LogError> {
        for span in self.index.rows.values() {
            let named = self.row(*span).map_err(failed)?.artefacts();
            if named.is_some_and(|named| named.contains(&id)) {
                return Err(LogError::referenced());
            }
        }
        let there = self.index.artefacts.contains_key(&id);
        if there {
            self.rewrite(&HashSet::new(), &HashSet::from([id]))?;
        }
        Ok(there)
    }
}

impl Shelf {
    pub(super) fn open(path: &Path, seal: Seal) -> Result<Self, LogError> {
        let mut name = path.as_os_str().to_owned();
        name.push(".head");
        let mut beside = open(Path::new(&name)).map_err(failed)?;
        lock(&beside)?;
        let mut known = String::new();
        beside.read_to_string(&mut known).map_err(failed)?;
        let fresh = known.is_empty() && !path.exists();
        if fresh {
            // Before the first row, so that a file without it has lost it.
            write_head(&beside, &Head::new(&seal)).map_err(failed)?;
            beside.sync_all().map_err(failed)?;
        }
        let file = open(path).map_err(failed)?;
        sync_directory(path).map_err(failed)?;
        let (index, last) = Index::of(&file).map_err(failed)?;
        let noted = read_head(&known);
        let head = match last {
            _ if fresh => Head::new(&seal),
            _ if known.is_empty() => Head::lost(&seal),
            // The file is written first. Where it ends earlier, lines were cut off.
            Some(last) if noted.is_intact(&seal) && last.generation() > noted.generation() => last,
            _ => noted,
        };
        let torn = file.metadata().map_err(failed)?.len() > index.end;
        let mut shelf = Self {
            path: path.to_owned(),
            file,
            beside,
            seal,
            head,
            index,
            torn,
        };
        // Where the file beside it is not up to date, the rows themselves are asked.
        let rows = shelf.index.rows.iter().filter_map(|(position, span)| {
            let row = shelf.row(*span).ok()?;
            Some(Stored::new(*position, row))
        });
        shelf.head = shelf.head.clone().recalling(rows);
        Ok(shelf)
    }

    fn rows(&self, spans: impl Iterator<Item = (u64, Span)>) -> Result<Vec<Stored>, LogError> {
        let stored = |(position, span)| {
            let row = self.row(span)?;
            let held = self.index.holds.get(&row.receipt).cloned();
            Ok(Stored::new(position, row).with_hold(held))
        };
        spans.map(stored).collect::<io::Result<_>>().map_err(failed)
    }

    fn row(&self, span: Span) -> io::Result<Row> {
        let line = self.read(span)?;
        Ok(match Line::read(&line) {
            Some(Line::Row(row)) => row.into_row(),
            _ => damaged(&line),
        })
    }

    /// Writes lines and the head that they count with, durably.
    fn add(&mut self, mut out: Vec<u8>, head: Head) -> Result<(), LogError> {
        if out.is_empty() {
            return Ok(());
        }
        Line::head(&head).write(&mut out);
        let end = self.index.end;
        let write = || {
            if self.torn {
                self.file.set_len(end)?;
            }
            (&self.file).seek(SeekFrom::Start(end))?;
            (&self.file).write_all(&out)?;
            self.file.sync_data()
        };
        let written = write();
        self.torn = written.is_err();
        written.map_err(failed)?;
        self.index.end = end + out.len() as u64;
        self.stand(head);
        Ok(())
    }

    /// Writes the file anew without these rows and artefacts.
    fn rewrite(
        &mut self,
        rows: &HashSet<u64>,
        artefacts: &HashSet<ArtefactId>,
    ) -> Result<(), LogError> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(".new");
        let name = PathBuf::from(name);
        let write = || {
            let mut out = BufWriter::new(File::create(&name)?);
            let mut line = |line: &[u8]| {
                out.write_all(line)?;
                out.write_all(b"\n")
            };
            for (id, span) in &self.index.artefacts {
                if !artefacts.contains(id) {
                    line(&self.read(*span)?)?;
                }
            }
            let mut gone = Vec::new();
            for (position, span) in &self.index.rows {
                if rows.contains(position) {
                    gone.push(Stored::new(*position, self.row(*span)?));
                } else {
                    line(&self.read(*span)?)?;
                }
            }
            let mut rest = Vec::new();
            Line::Next(self.index.next).write(&mut rest);
            for (receipt, reason) in &self.index.holds {
                let hold = Line::Hold {
                    receipt: receipt.to_hex(),
                    reason: reason.clone(),
                };
                hold.write(&mut rest);
            }
            let gone = gone.iter().map(Entry::of);
            let head = self.head.changed(&self.seal, [], gone);
            Line::head(&head).write(&mut rest);
            out.write_all(&rest)?;
            out.into_inner()?.sync_all()?;
            fs::rename(&name, &self.path)?;
            sync_directory(&self.path)?;
            let file = open(&self.path)?;
            let (index, _) = Index::of(&file)?;
            Ok((file, index, head))
        };
        let (file, index, head) = write().map_err(failed)?;
        self.file = file;
        self.index = index;
        self.torn = false;
        self.stand(head);
        Ok(())
    }

    /// Notes the head beside the file. Where that fails the next one does, and
    /// meanwhile the file's own is newer, which is as good.
    fn stand(&mut self, head: Head) {
        let _ = write_head(&self.beside, &head);
        self.head = head;
    }

    fn read(&self, span: Span) -> io::Result<Vec<u8>> {
        let mut line = vec![0; span.length];
        (&self.file).seek(SeekFrom::Start(span.start))?;
        (&self.file).read_exact(&mut line)?;
        Ok(line)
    }
}

/// Waits a little, because a process that ends may still be closing it.
fn lock(file: &File) -> Result<(), LogError> {
    for _ in 0..TRIES {
        match FileExt::try_lock(file) {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
    Err(LogError::unavailable("another process has the log open"))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// The head in front, short enough to be written whole or not at all, and its
/// sketch behind.
fn write_head(mut beside: &File, head: &Head) -> io::Result<()> {
    let whole = head.to_bytes();
    let (_, sketch) = whole.split_at(head.to_brief_bytes().len());
    let lines = format!("{}\n{}\n", hex(&head.to_brief_bytes()), hex(sketch));
    beside.seek(SeekFrom::Start(0))?;
    beside.write_all(lines.as_bytes())?;
    // One without a sketch is shorter.
    beside.set_len(lines.len() as u64)
}

/// Where the sketch is not the head's, the rows may still give it.
fn read_head(lines: &str) -> Head {
    let (brief, sketch) = lines.split_once('\n').unwrap_or((lines, ""));
    let brief = from_hex(brief);
    let mut whole = brief.clone();
    whole.extend(from_hex(sketch.trim_end()));
    let head = Head::from_bytes(&whole);
    if head.has_sketch() {
        head
    } else {
        Head::from_bytes(&brief)
    }
}

/// A new name is durable once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|path| !path.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn failed(error: io::Error) -> LogError {
    LogError::unavailable(error)
}
