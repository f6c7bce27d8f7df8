//! Memory. The standard library's allocator is made for programs with much of it; this one has a fifth of
//! the code, takes constant time, and users pay for each byte.

use rlsf::SmallGlobalTlsf;

#[global_allocator]
static ALLOCATOR: SmallGlobalTlsf = SmallGlobalTlsf::new();
