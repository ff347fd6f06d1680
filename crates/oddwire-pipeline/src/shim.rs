#![allow(missing_docs, clippy::all, clippy::pedantic)]
use arrow_array::RecordBatch; use arrow_schema::SchemaRef; use oddwire_table::TableError; use oddwire_core::frame::*;
pub struct Filter; impl Filter { pub fn parse(_: &str, _: &SchemaRef) -> Result<Self, TableError> { Ok(Filter) } pub fn columns_used(&self) -> Vec<String> { vec![] } pub fn filter_batch(&self, b: &RecordBatch) -> Result<RecordBatch, TableError> { Ok(b.clone()) } }
pub struct BpfFilter; pub enum BpfError { Syntax(String), Missing } impl BpfFilter { pub fn compile(_: &str, _: LinkType, _: u32) -> Result<Self, BpfError> { Err(BpfError::Missing) } pub fn matches(&self, _: &Frame<'_>) -> bool { true } }
impl std::fmt::Display for BpfError { fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("x") } }
