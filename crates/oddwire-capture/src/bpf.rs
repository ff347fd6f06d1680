//! Filters in the language of libpcap, where that library is present.
//!
//! It is looked for when the first filter is made, so that nothing depends on it. This is the one file of this crate
//! that calls foreign code.
#![allow(unsafe_code)]

use libloading::{Library, Symbol};
use oddwire_core::frame::{Frame, LinkType};
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::fmt;
use std::sync::Mutex;

/// The names under which systems keep the library.
const NAMES: [&str; 6] =
    ["libpcap.so.0.8", "libpcap.so.1", "libpcap.so", "libpcap.A.dylib", "libpcap.dylib", "wpcap.dll"];
/// libpcap's compiler kept its state in globals until version 1.8.
static COMPILER: Mutex<()> = Mutex::new(());
const NETMASK_UNKNOWN: c_uint = 0xffff_ffff;

/// Why a filter cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BpfError {
    /// libpcap is not installed.
    Missing,
    /// libpcap does not accept the text; this is what it says.
    Syntax(String),
}

impl fmt::Display for BpfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => {
                f.write_str("BPF filters need libpcap, which is not here; install libpcap0.8 or libpcap")
            }
            Self::Syntax(text) => write!(f, "the BPF filter is not understood: {text}"),
        }
    }
}

impl std::error::Error for BpfError {}

/// `struct bpf_program`.
#[repr(C)]
struct Program {
    length: c_uint,
    instructions: *mut c_void,
}

type OpenDead = unsafe extern "C" fn(c_int, c_int) -> *mut c_void;
type Compile = unsafe extern "C" fn(*mut c_void, *mut Program, *const c_char, c_int, c_uint) -> c_int;
type GetError = unsafe extern "C" fn(*mut c_void) -> *const c_char;
type Run = unsafe extern "C" fn(*const c_void, *const u8, c_uint, c_uint) -> c_uint;
type FreeCode = unsafe extern "C" fn(*mut Program);
type Close = unsafe extern "C" fn(*mut c_void);

/// What the library calls itself, or `None` where it is missing.
#[must_use]
pub fn libpcap_version() -> Option<String> {
    let library = open().ok()?;
    // SAFETY: the function takes nothing and gives a string that lives as long as the library.
    unsafe {
        let version =
            symbol::<unsafe extern "C" fn() -> *const c_char>(&library, c"pcap_lib_version").ok()?;
        Some(CStr::from_ptr(version()).to_string_lossy().into_owned())
    }
}

/// A compiled filter for frames of one link type.
pub struct BpfFilter {
    program: Program,
    run: Run,
    free: FreeCode,
    /// Keeps the functions above in memory; dropped last.
    _library: Library,
}

// SAFETY: the program is owned, never changed after it was compiled, and `bpf_filter` keeps no state.
unsafe impl Send for BpfFilter {}

impl BpfFilter {
    /// Compiles `text` for frames that begin with `link` and hold at most `snap_length` bytes.
    pub fn compile(text: &str, link: LinkType, snap_length: u32) -> Result<Self, BpfError> {
        let text = CString::new(text).map_err(|_| BpfError::Syntax("it holds a zero byte".to_owned()))?;
        let library = open()?;
        let mut program = Program { length: 0, instructions: std::ptr::null_mut() };
        let _alone = COMPILER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // SAFETY: the types are those of <pcap/pcap.h> and <pcap/bpf.h>, unchanged since libpcap 0.4.
        let (run, free) = unsafe {
            let run: Run = *symbol(&library, c"bpf_filter")?;
            let free: FreeCode = *symbol(&library, c"pcap_freecode")?;
            compile(&library, &text, link, snap_length, &mut program)?;
            (run, free)
        };
        Ok(Self { program, run, free, _library: library })
    }

    /// Whether a frame passes. The frame must be of the link type that the filter was compiled for.
    #[must_use]
    pub fn matches(&self, frame: &Frame<'_>) -> bool {
        let captured = c_uint::try_from(frame.data.len()).unwrap_or(c_uint::MAX);
        // SAFETY: libpcap checked the program when it compiled it, and it reads at most `captured` bytes of the data.
        unsafe { (self.run)(self.program.instructions, frame.data.as_ptr(), frame.length, captured) != 0 }
    }
}

impl Drop for BpfFilter {
    fn drop(&mut self) {
        // SAFETY: the program came from `pcap_compile` and is not used again.
        unsafe { (self.free)(&raw mut self.program) }
    }
}

impl fmt::Debug for BpfFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BpfFilter").field("instructions", &self.program.length).finish_non_exhaustive()
    }
}

fn open() -> Result<Library, BpfError> {
    // SAFETY: libpcap's loading and unloading run no code that matters here.
    NAMES.iter().find_map(|name| unsafe { Library::new(*name) }.ok()).ok_or(BpfError::Missing)
}

/// # Safety
/// `T` must be the type of the function of this name.
unsafe fn symbol<'a, T>(library: &'a Library, name: &CStr) -> Result<Symbol<'a, T>, BpfError> {
    // SAFETY: the caller's promise.
    unsafe { library.get(name.to_bytes_with_nul()) }.map_err(|_| BpfError::Missing)
}

/// # Safety
/// `library` must be libpcap.
unsafe fn compile(
    library: &Library,
    text: &CStr,
    link: LinkType,
    snap_length: u32,
    program: &mut Program,
) -> Result<(), BpfError> {
    let snap_length = c_int::try_from(snap_length).unwrap_or(c_int::MAX);
    // SAFETY: the handle lives from `pcap_open_dead` to `pcap_close`, and the message is copied before that.
    unsafe {
        let open_dead = symbol::<OpenDead>(library, c"pcap_open_dead")?;
        let compile = symbol::<Compile>(library, c"pcap_compile")?;
        let get_error = symbol::<GetError>(library, c"pcap_geterr")?;
        let close = symbol::<Close>(library, c"pcap_close")?;
        let handle = open_dead(data_link(link), snap_length);
        if handle.is_null() {
            return Err(BpfError::Syntax(format!("libpcap does not know frames of type {link}")));
        }
        let failed = compile(handle, program, text.as_ptr(), 1, NETMASK_UNKNOWN) != 0;
        let message = CStr::from_ptr(get_error(handle)).to_string_lossy().into_owned();
        close(handle);
        if failed { Err(BpfError::Syntax(message)) } else { Ok(()) }
    }
}

/// Files and systems number a few link types differently; libpcap's functions take the system's number.
fn data_link(link: LinkType) -> c_int {
    match link {
        LinkType::RAW if cfg!(target_os = "openbsd") => 14,
        LinkType::RAW => 12,
        other => c_int::from(other.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(data: &[u8]) -> Frame<'_> {
        Frame { input: 0, number: 1, time_ns: 0, link: LinkType::RAW, length: data.len() as u32, data }
    }

    /// An IPv4 header with this protocol, and eight bytes behind it.
    fn ipv4(protocol: u8) -> Vec<u8> {
        let mut bytes = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        bytes.extend([0, 53, 0, 99, 0, 8, 0, 0]);
        bytes
    }

    #[test]
    fn a_filter_tells_frames_apart() {
        match BpfFilter::compile("udp port 53 and host 10.0.0.1", LinkType::RAW, 65_535) {
            Ok(filter) => {
                assert!(filter.matches(&frame(&ipv4(17))));
                assert!(!filter.matches(&frame(&ipv4(6))));
                assert!(
                    !filter.matches(&frame(&ipv4(17)[..10])),
                    "a cut frame is no match, and no read beyond it"
                );
                assert!(!filter.matches(&frame(&[])));
            }
            Err(BpfError::Missing) => eprintln!("skipped: libpcap is not installed"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_library_says_which_it_is() {
        match libpcap_version() {
            Some(version) => assert!(version.contains("pcap"), "{version}"),
            None => eprintln!("skipped: libpcap is not installed"),
        }
    }

    #[test]
    fn what_libpcap_does_not_understand_is_an_error_with_its_words() {
        match BpfFilter::compile("port port", LinkType::ETHERNET, 65_535) {
            Err(BpfError::Syntax(text)) => assert!(text.contains("syntax"), "{text}"),
            Err(BpfError::Missing) => eprintln!("skipped: libpcap is not installed"),
            Ok(_) => panic!("this is no filter"),
        }
        assert!(matches!(
            BpfFilter::compile("ip\0", LinkType::ETHERNET, 65_535),
            Err(BpfError::Syntax(_) | BpfError::Missing)
        ));
    }
}
