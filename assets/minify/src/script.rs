//! Scripts, with short names and without what does nothing.

use std::io;

use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// A whole script.
pub(crate) fn statement(source: &str) -> io::Result<String> {
    let allocator = Allocator::default();
    let read = Parser::new(&allocator, source, SourceType::script()).parse();
    if let Some(problem) = read.diagnostics.first() {
        return Err(io::Error::other(problem.to_string()));
    }
    let mut program = read.program;
    let minified = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let written = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(minified.scoping)
        .build(&program);
    Ok(written.code.to_string())
}

/// A function that someone else calls.
pub(crate) fn function(source: &str) -> io::Result<String> {
    // Nobody would miss it if nothing used it.
    let source = source.trim_end().trim_end_matches(';');
    let text = statement(&format!("use({source}\n);"))?;
    text.trim_end_matches(';')
        .strip_prefix("use(")
        .and_then(|rest| rest.strip_suffix(')'))
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("the function has changed its form"))
}
