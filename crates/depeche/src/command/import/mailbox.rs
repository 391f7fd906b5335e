//! Mail: the messages of a mailbox, and messages that are files of their own.

use depeche_formats::mail::{self, Mbox, Piece};
use depeche_news::{DeliveryKind, Problem};

use super::{
    files::Opened,
    intake::{Intake, Reading},
};

impl Intake<'_, '_> {
    /// Takes in a mailbox; false where it was not read to its end.
    pub(super) fn mailbox(
        &mut self,
        reading: &mut Reading<'_>,
        opened: Opened,
    ) -> anyhow::Result<bool> {
        let from = reading.before.place;
        let mut mbox = Mbox::from(from);
        let whole = self.pieces(reading, opened.unpacked(from)?, |intake, reading, piece| {
            while let Some(message) = mbox.next(piece) {
                intake.piece(reading, message)?;
                if intake.stops() {
                    return Ok(());
                }
            }
            Ok(())
        })?;
        if !whole {
            return Ok(false);
        }
        while let Some(message) = mbox.end() {
            self.piece(reading, message)?;
        }
        Ok(true)
    }

    fn piece(&mut self, reading: &mut Reading<'_>, piece: Piece) -> anyhow::Result<()> {
        // The last message that was taken in is read again: it is where reading goes on.
        if reading.before.units > 0 && piece.offset == reading.before.place {
            return Ok(());
        }
        reading.mark.place = piece.offset;
        self.unit(reading);
        match piece.message {
            Some(message) => self.message(reading, message),
            None => {
                *self.told.passed.entry("too_large").or_default() += 1;
                let at = format!("the message at byte {}", piece.offset);
                self.problems(reading.path, vec![Problem::new("too_large", at)]);
                Ok(())
            }
        }
    }

    /// Takes in one message, under the list or the sender it is from.
    pub(super) fn message(
        &mut self,
        reading: &Reading<'_>,
        message: Vec<u8>,
    ) -> anyhow::Result<()> {
        let sender = mail::sender(&message);
        let source = match (self.name, sender.id) {
            (None, Some(id)) => {
                let name = sender.name.unwrap_or_else(|| id.clone());
                self.source(format!("mail:{id}"), &name)?
            }
            _ => self.files_source("mail")?,
        };
        let at = || format!("{}#{}", reading.address, reading.mark.place);
        let address = sender.message.map_or_else(at, |id| format!("mid:{id}"));
        self.deliver(reading, source, DeliveryKind::Mail, address, Vec::new(), message)
    }
}
