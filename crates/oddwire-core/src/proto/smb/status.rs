//! What the server answers, in the words of its specification.

use std::fmt::Write;

/// A status: 32 bits of Windows NT, or a class and code of DOS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) number: u32,
    pub(super) dos: bool,
}

impl Status {
    /// More of the same exchange follows.
    pub(super) const MORE_PROCESSING: u32 = 0xc000_0016;
    /// The answer will come later.
    pub(super) const PENDING: u32 = 0x0000_0103;

    pub(super) const fn is_success(self) -> bool {
        self.number == 0
    }

    /// Whether it is not the end of what was asked.
    pub(super) const fn is_interim(self) -> bool {
        !self.dos && matches!(self.number, Self::MORE_PROCESSING | Self::PENDING)
    }

    /// Writes its word, or its number.
    pub(super) fn push(self, text: &mut String) {
        match if self.dos { dos_word(self.number) } else { word(self.number) } {
            Some(word) => text.push_str(word),
            None => drop(write!(text, "0x{:08x}", self.number)),
        }
    }
}

/// Words of DOS codes: the class in the lowest byte, the code in the upper two.
const fn dos_word(number: u32) -> Option<&'static str> {
    Some(match (number & 0xff, number >> 16) {
        (0, 0) => "STATUS_SUCCESS",
        (1, 2) => "ERRbadfile",
        (1, 3) => "ERRbadpath",
        (1, 5) => "ERRnoaccess",
        (1, 32) => "ERRbadshare",
        (2, 1) => "ERRerror",
        (2, 2) => "ERRbadpw",
        (2, 4) => "ERRaccess",
        (2, 5) => "ERRinvtid",
        (2, 6) => "ERRinvnetname",
        (2, 91) => "ERRbaduid",
        (2, 2_239) => "ERRaccountExpired",
        (2, 2_240) => "ERRbadClient",
        (2, 2_241) => "ERRbadLogonTime",
        (2, 2_242) => "ERRpasswordExpired",
        _ => return None,
    })
}

const fn word(number: u32) -> Option<&'static str> {
    Some(match number {
        0 => "STATUS_SUCCESS",
        0x0000_0103 => "STATUS_PENDING",
        0x8000_0005 => "STATUS_BUFFER_OVERFLOW",
        0x8000_002d => "STATUS_STOPPED_ON_SYMLINK",
        0xc000_0001 => "STATUS_UNSUCCESSFUL",
        0xc000_0002 => "STATUS_NOT_IMPLEMENTED",
        0xc000_0008 => "STATUS_INVALID_HANDLE",
        0xc000_000d => "STATUS_INVALID_PARAMETER",
        0xc000_000e => "STATUS_NO_SUCH_DEVICE",
        0xc000_000f => "STATUS_NO_SUCH_FILE",
        0xc000_0010 => "STATUS_INVALID_DEVICE_REQUEST",
        0xc000_0016 => "STATUS_MORE_PROCESSING_REQUIRED",
        0xc000_0022 => "STATUS_ACCESS_DENIED",
        0xc000_0023 => "STATUS_BUFFER_TOO_SMALL",
        0xc000_0033 => "STATUS_OBJECT_NAME_INVALID",
        0xc000_0034 => "STATUS_OBJECT_NAME_NOT_FOUND",
        0xc000_0035 => "STATUS_OBJECT_NAME_COLLISION",
        0xc000_0039 => "STATUS_OBJECT_PATH_INVALID",
        0xc000_003a => "STATUS_OBJECT_PATH_NOT_FOUND",
        0xc000_0043 => "STATUS_SHARING_VIOLATION",
        0xc000_0056 => "STATUS_DELETE_PENDING",
        0xc000_005e => "STATUS_NO_LOGON_SERVERS",
        0xc000_0064 => "STATUS_NO_SUCH_USER",
        0xc000_006a => "STATUS_WRONG_PASSWORD",
        0xc000_006c => "STATUS_PASSWORD_RESTRICTION",
        0xc000_006d => "STATUS_LOGON_FAILURE",
        0xc000_006e => "STATUS_ACCOUNT_RESTRICTION",
        0xc000_006f => "STATUS_INVALID_LOGON_HOURS",
        0xc000_0070 => "STATUS_INVALID_WORKSTATION",
        0xc000_0071 => "STATUS_PASSWORD_EXPIRED",
        0xc000_0072 => "STATUS_ACCOUNT_DISABLED",
        0xc000_009a => "STATUS_INSUFFICIENT_RESOURCES",
        0xc000_00ac => "STATUS_PIPE_NOT_AVAILABLE",
        0xc000_00ae => "STATUS_PIPE_BUSY",
        0xc000_00b5 => "STATUS_IO_TIMEOUT",
        0xc000_00ba => "STATUS_FILE_IS_A_DIRECTORY",
        0xc000_00bb => "STATUS_NOT_SUPPORTED",
        0xc000_00c9 => "STATUS_NETWORK_NAME_DELETED",
        0xc000_00cb => "STATUS_BAD_DEVICE_TYPE",
        0xc000_00cc => "STATUS_BAD_NETWORK_NAME",
        0xc000_00d0 => "STATUS_REQUEST_NOT_ACCEPTED",
        0xc000_00dc => "STATUS_INVALID_SERVER_STATE",
        0xc000_0103 => "STATUS_NOT_A_DIRECTORY",
        0xc000_0120 => "STATUS_CANCELLED",
        0xc000_0128 => "STATUS_FILE_CLOSED",
        0xc000_0133 => "STATUS_TIME_DIFFERENCE_AT_DC",
        0xc000_015b => "STATUS_LOGON_TYPE_NOT_GRANTED",
        0xc000_018b => "STATUS_NO_TRUST_SAM_ACCOUNT",
        0xc000_018c => "STATUS_TRUSTED_DOMAIN_FAILURE",
        0xc000_018d => "STATUS_TRUSTED_RELATIONSHIP_FAILURE",
        0xc000_0193 => "STATUS_ACCOUNT_EXPIRED",
        0xc000_0199 => "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT",
        0xc000_0203 => "STATUS_USER_SESSION_DELETED",
        0xc000_0224 => "STATUS_PASSWORD_MUST_CHANGE",
        0xc000_0225 => "STATUS_NOT_FOUND",
        0xc000_0233 => "STATUS_DOMAIN_CONTROLLER_NOT_FOUND",
        0xc000_0234 => "STATUS_ACCOUNT_LOCKED_OUT",
        0xc000_0257 => "STATUS_PATH_NOT_COVERED",
        0xc000_035c => "STATUS_NETWORK_SESSION_EXPIRED",
        0xc000_0413 => "STATUS_AUTHENTICATION_FIREWALL_FAILED",
        _ => return None,
    })
}
