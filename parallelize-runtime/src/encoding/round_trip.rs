//! Finds values that would be decoded as other values: a `Some` of nothing, which is encoded like
//! `None`, and sequences whose length is too large for `MessagePack`.
//!
//! "Nothing" is a `None` or a `()`, which `MessagePack` encodes as nil.

use serde::de::value::Error;
use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Checks that `value` is decoded as it was.
///
/// # Errors
///
/// Returns an error if it contains a `Some` of nothing, or a sequence that is too long.
pub(super) fn check_round_trip(value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    value.serialize(RoundTrip).map(drop)
}

/// Checks that `len` fits in the 32 bits that `MessagePack` has for a length.
fn check_len(len: usize) -> Result<(), Error> {
    if u32::try_from(len).is_err() {
        return Err(Error::custom(format_args!("{len} elements are too many")));
    }
    Ok(())
}

/// Checks a value and all values in it. Returns whether the value is encoded as nothing.
struct RoundTrip;

/// Defines the methods for values without parts, apart from those that are nothing.
macro_rules! plain_values {
    ($($method:ident: $ty:ty,)*) => {
        $(fn $method(self, _: $ty) -> Result<bool, Error> {
            Ok(false)
        })*
    };
}

/// Defines the methods for values with parts.
macro_rules! values_with_parts {
    ($($method:ident($($ty:ty),*) -> $part:ident,)*) => {
        $(
            type $part = Self;

            fn $method(self, $(_: $ty),*) -> Result<Self, Error> {
                Ok(self)
            }
        )*
    };
}

impl Serializer for RoundTrip {
    type Ok = bool;
    type Error = Error;

    plain_values! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_unit_struct: &'static str,
    }

    values_with_parts! {
        serialize_tuple(usize) -> SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant,
        serialize_struct(&'static str, usize) -> SerializeStruct,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant,
    }

    type SerializeSeq = Self;

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Error> {
        check_len(len.unwrap_or(0)).map(|()| self)
    }

    type SerializeMap = Self;

    fn serialize_map(self, len: Option<usize>) -> Result<Self, Error> {
        check_len(len.unwrap_or(0)).map(|()| self)
    }

    fn serialize_str(self, text: &str) -> Result<bool, Error> {
        check_len(text.len()).map(|()| false)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<bool, Error> {
        check_len(bytes.len()).map(|()| false)
    }

    fn serialize_none(self) -> Result<bool, Error> {
        Ok(true)
    }

    fn serialize_unit(self) -> Result<bool, Error> {
        Ok(true)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Error> {
        if value.serialize(self)? {
            let reason = "a `Some(())` or `Some(None)` would come back as `None`";
            return Err(Error::custom(reason));
        }
        Ok(false)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, Error> {
        Ok(false)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Error> {
        value.serialize(self).map(|_| false)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// Checks the parts of a value, each of which is passed to `$method`.
macro_rules! check_each_part {
    ($($part:ident::$method:ident($($key:ty)?),)*) => {
        $(impl $part for RoundTrip {
            type Ok = bool;
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $(_: $key,)?
                value: &T,
            ) -> Result<(), Error> {
                check_round_trip(value)
            }

            fn end(self) -> Result<bool, Error> {
                Ok(false)
            }
        })*
    };
}

check_each_part! {
    SerializeSeq::serialize_element(),
    SerializeTuple::serialize_element(),
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStruct::serialize_field(&'static str),
    SerializeStructVariant::serialize_field(&'static str),
}

impl SerializeMap for RoundTrip {
    type Ok = bool;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        check_round_trip(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        check_round_trip(value)
    }

    fn end(self) -> Result<bool, Error> {
        Ok(false)
    }
}
