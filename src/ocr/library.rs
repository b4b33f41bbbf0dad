//! Tesseract's C functions, looked up in the installed library when the first page is read.
//!
//! The library brings some fifty others along, which take ten milliseconds to link: too long for
//! a command that reads no picture. Loaded late, it also need not be there to build the program,
//! and [`load`] can say what is missing. This is the only place that calls foreign code; what it
//! offers is safe to call in any order.

#![allow(unsafe_code, reason = "the calls of a C library; each has its safety comment")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::{NonNull, null};
use std::sync::OnceLock;

use image::GrayImage;
use libloading::Library;

use crate::error::{Error, Result};

/// Names of the library, the newest first. Version 4 has the same functions.
const NAMES: &[&str] = if cfg!(target_vendor = "apple") {
    &["libtesseract.5.dylib", "libtesseract.4.dylib", "libtesseract.dylib"]
} else {
    &["libtesseract.so.5", "libtesseract.so.4", "libtesseract.so"]
};

/// `PSM_SINGLE_LINE`: the picture is one line.
const ONE_LINE: c_int = 7;
/// `PSM_AUTO`: find the columns and lines of the page, but not which way up it is.
const AUTOMATIC_LAYOUT: c_int = 3;

/// The first two make the engine say what else each character could have been, the best three beside
/// the one that it read. The third spares it reading doubtful lines again as white on black, which no
/// office prints.
const VARIABLES: [(&CStr, &CStr); 3] =
    [(c"lstm_choice_mode", c"2"), (c"lstm_choice_iterations", c"3"), (c"tessedit_do_invert", c"0")];

/// Longest time that one page may take, in milliseconds: forty times that of a common one. Beyond it
/// lie pictures of noise, in which the engine sees letters everywhere.
const LONGEST: c_int = 45_000;

/// A `TessBaseAPI`, which only the library looks into.
type Handle = NonNull<c_void>;

/// The functions that are used, with the types of `tesseract/capi.h`.
struct Functions {
    version: unsafe extern "C" fn() -> *const c_char,
    create: unsafe extern "C" fn() -> *mut c_void,
    init: unsafe extern "C" fn(Handle, *const c_char, *const c_char) -> c_int,
    set_layout: unsafe extern "C" fn(Handle, c_int),
    set_image: unsafe extern "C" fn(Handle, *const u8, c_int, c_int, c_int, c_int),
    set_resolution: unsafe extern "C" fn(Handle, c_int),
    recognize: unsafe extern "C" fn(Handle, *mut c_void) -> c_int,
    create_monitor: unsafe extern "C" fn() -> *mut c_void,
    set_deadline: unsafe extern "C" fn(*mut c_void, c_int),
    delete_monitor: unsafe extern "C" fn(*mut c_void),
    hocr: unsafe extern "C" fn(Handle, c_int) -> *mut c_char,
    set_variable: unsafe extern "C" fn(Handle, *const c_char, *const c_char) -> c_int,
    delete_text: unsafe extern "C" fn(*const c_char),
    delete: unsafe extern "C" fn(Handle),
}

/// The functions of the first of `names` that the system can load.
fn load(names: &[&str]) -> Result<Functions> {
    let mut reason = String::new();
    for name in names {
        // SAFETY: loading runs the initialisers of Tesseract and its dependencies, which set up
        // their own data and nothing of ours.
        match unsafe { Library::new(name) } {
            Ok(library) => {
                return functions(library).map_err(|error| Error::NoOcr(format!("{name} is not usable: {error}")));
            }
            // The first name is the one that a person should hear of.
            Err(error) if reason.is_empty() => reason = error.to_string(),
            Err(_) => {}
        }
    }
    let reason = reason.lines().next().unwrap_or_default();
    Err(Error::NoOcr(format!("Tesseract is not installed ({reason}); install tesseract-ocr and tesseract-ocr-vie")))
}

fn functions(library: Library) -> Result<Functions, libloading::Error> {
    // Never unloaded: the functions below are used to the end of the run.
    let library: &'static Library = Box::leak(Box::new(library));
    // SAFETY: each field has the type that `tesseract/capi.h` gives the function of that name,
    // the same in versions 4 and 5. `BOOL` and enumerations are `int` there; a handle is never
    // null once `create` was checked.
    unsafe {
        Ok(Functions {
            version: *library.get(b"TessVersion\0")?,
            create: *library.get(b"TessBaseAPICreate\0")?,
            init: *library.get(b"TessBaseAPIInit3\0")?,
            set_layout: *library.get(b"TessBaseAPISetPageSegMode\0")?,
            set_image: *library.get(b"TessBaseAPISetImage\0")?,
            set_resolution: *library.get(b"TessBaseAPISetSourceResolution\0")?,
            recognize: *library.get(b"TessBaseAPIRecognize\0")?,
            create_monitor: *library.get(b"TessMonitorCreate\0")?,
            set_deadline: *library.get(b"TessMonitorSetDeadlineMSecs\0")?,
            delete_monitor: *library.get(b"TessMonitorDelete\0")?,
            hocr: *library.get(b"TessBaseAPIGetHOCRText\0")?,
            set_variable: *library.get(b"TessBaseAPISetVariable\0")?,
            delete_text: *library.get(b"TessDeleteText\0")?,
            delete: *library.get(b"TessBaseAPIDelete\0")?,
        })
    }
}

/// The installed library, loaded once. A failure is not kept: it may be installed meanwhile.
fn installed() -> Result<&'static Functions> {
    static FUNCTIONS: OnceLock<Functions> = OnceLock::new();
    match FUNCTIONS.get() {
        Some(functions) => Ok(functions),
        None => load(NAMES).map(|functions| FUNCTIONS.get_or_init(|| functions)),
    }
}

/// An engine with the data of one language. Not `Send`: the handle stays on its thread.
pub(super) struct Tesseract {
    functions: &'static Functions,
    handle: Handle,
}

impl Tesseract {
    /// Loads the library, then the data of `language`.
    pub(super) fn new(language: &str) -> Result<Self> {
        let functions = installed()?;
        // SAFETY: takes nothing; the result is checked for null.
        let handle = NonNull::new(unsafe { (functions.create)() })
            .ok_or_else(|| Error::NoOcr("Tesseract gave no engine, perhaps for want of memory".into()))?;
        // From here on the handle is freed on every way out.
        let engine = Self { functions, handle };
        let no_data = || {
            let package = language.replace('_', "-");
            Error::NoOcr(format!("Tesseract has no data for language \"{language}\"; install tesseract-ocr-{package}"))
        };
        let name = CString::new(language).map_err(|_| no_data())?;
        // SAFETY: the handle is alive; no path means the installed one; the name ends in NUL and
        // is copied by the callee.
        if unsafe { (functions.init)(handle, null(), name.as_ptr()) } != 0 {
            return Err(no_data());
        }
        // SAFETY: the handle is alive and initialised.
        unsafe { (functions.set_layout)(handle, AUTOMATIC_LAYOUT) };
        for (name, value) in VARIABLES {
            // SAFETY: as above; name and value end in NUL and are copied. A version that does not
            // know the name says so and changes nothing: then no character has a rival.
            unsafe { (functions.set_variable)(handle, name.as_ptr(), value.as_ptr()) };
        }
        Ok(engine)
    }

    /// Version of the library: `5.3.0`.
    pub(super) fn version(&self) -> String {
        // SAFETY: the result is a constant of the library that ends in NUL.
        let version = unsafe { CStr::from_ptr((self.functions.version)()) };
        version.to_string_lossy().into_owned()
    }

    /// The hOCR of one grey picture that holds one line of text.
    pub(super) fn read_line(&mut self, picture: &GrayImage, dpi: i32) -> Result<String> {
        // SAFETY: the handle is alive and initialised.
        unsafe { (self.functions.set_layout)(self.handle, ONE_LINE) };
        let read = self.read(picture, dpi);
        // SAFETY: as above.
        unsafe { (self.functions.set_layout)(self.handle, AUTOMATIC_LAYOUT) };
        read
    }

    /// The hOCR of one grey picture, which was taken at `dpi` dots an inch.
    pub(super) fn read(&mut self, picture: &GrayImage, dpi: i32) -> Result<String> {
        let failed = |reason: &str| Error::Ocr(reason.into());
        let side = |length: u32| c_int::try_from(length).map_err(|_| failed("the picture is too large"));
        let (width, height) = (side(picture.width())?, side(picture.height())?);
        let (functions, handle) = (self.functions, self.handle);
        // SAFETY: a grey picture is `height` rows of `width` bytes without gaps, which the callee
        // copies before it returns; the handle is alive and initialised.
        unsafe {
            (functions.set_image)(handle, picture.as_raw().as_ptr(), width, height, 1, width);
            (functions.set_resolution)(handle, dpi);
        }
        // SAFETY: the monitor is made here, given to the two functions that take one (null is allowed
        // for the second) and freed once, after the last use; the handle is alive and has a picture.
        let ended = unsafe {
            let monitor = (functions.create_monitor)();
            if !monitor.is_null() {
                (functions.set_deadline)(monitor, LONGEST);
            }
            let ended = (functions.recognize)(handle, monitor);
            if !monitor.is_null() {
                (functions.delete_monitor)(monitor);
            }
            ended
        };
        if ended != 0 {
            return Err(failed("Tesseract could not read the picture within 45 s"));
        }
        // SAFETY: the handle is alive and has read its picture.
        let text = unsafe { (functions.hocr)(handle, 0) };
        if text.is_null() {
            return Err(failed("Tesseract gave no text for the picture"));
        }
        // SAFETY: the text ends in NUL, is ours, and is copied before it is freed, once, by the
        // function that is there for it.
        unsafe {
            let hocr = CStr::from_ptr(text).to_string_lossy().into_owned();
            (functions.delete_text)(text);
            Ok(hocr)
        }
    }
}

impl Drop for Tesseract {
    fn drop(&mut self) {
        // SAFETY: the handle is alive and not used again.
        unsafe { (self.functions.delete)(self.handle) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_named_with_what_to_install() {
        let Err(error) = load(&["libnothing.so.1", "libnothing.so"]) else { panic!("there is no such library") };
        let error = error.to_string();
        assert!(error.contains("libnothing.so.1") && error.contains("install tesseract-ocr"), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn another_library_is_not_usable() {
        let name = if cfg!(target_vendor = "apple") { "libSystem.dylib" } else { "libm.so.6" };
        let Err(error) = load(&[name]) else { panic!("that is not Tesseract") };
        assert!(error.to_string().contains("TessVersion"), "{error}");
    }
}
