//! What scripts do with relations.

use crate::context::{Context, no_endpoints};
use crate::error::{Error, ErrorKind, Result};
use crate::external::wire::Answer;
use crate::tools::{self, ToolCall};

/// `relation-get` by the endpoint's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::external) struct Get {
    endpoint: String,
    unit: String,
    key: Option<String>,
    /// Options of `relation-get` itself.
    options: Vec<String>,
}

impl Get {
    pub(super) fn parse(args: &[String]) -> std::result::Result<Self, String> {
        let (options, words): (Vec<String>, Vec<String>) =
            args.iter().cloned().partition(|a| a.starts_with("--"));
        let mut words = words.into_iter();
        let (Some(endpoint), Some(unit)) = (words.next(), words.next()) else {
            return Err("an endpoint and a unit are needed".to_owned());
        };
        let key = words.next();
        if let Some(extra) = words.next() {
            return Err(format!(
                "`{}` is one argument too many",
                extra.escape_debug()
            ));
        }
        Ok(Self {
            endpoint,
            unit,
            key,
            options,
        })
    }
}

/// Finds the relation of the endpoint that leads to the unit's application, and reads the unit's data there.
pub(super) fn get(ctx: &mut Context, get: &Get) -> Result<Answer> {
    let app = get.unit.split('/').next().unwrap_or_default();
    let tools = ctx.tools();
    for id in tools::relation_ids(tools, &get.endpoint)? {
        if tools::relation_list_app(tools, &id)?.as_deref() != Some(app) {
            continue;
        }
        let mut args = get.options.clone();
        args.extend([
            "-r".to_owned(),
            id,
            get.key.clone().unwrap_or_else(|| "-".to_owned()),
            get.unit.clone(),
        ]);
        let output = tools.call(&ToolCall {
            tool: "relation-get",
            args: &args,
            stdin: None,
            secret: true,
        })?;
        return Ok(Answer {
            code: u8::from(output.code != 0),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        format!("endpoint `{}` has no relation to `{app}`", get.endpoint),
    ))
}

/// Calls a method of an endpoint (B99); its answer is printed line by line.
pub(super) fn call(ctx: &mut Context, of: &str, method: &str, args: &[String]) -> Result<Answer> {
    let Some(call) = ctx.relation_call else {
        return Err(no_endpoints());
    };
    Ok(Answer::lines(call(ctx, of, method, args)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_go_to_the_tool_and_may_stand_anywhere() {
        let args = ["db", "mysql/0", "host", "--format=json"].map(str::to_owned);
        let get = Get::parse(&args).unwrap();
        assert_eq!(
            (get.endpoint.as_str(), get.unit.as_str(), get.key.as_deref()),
            ("db", "mysql/0", Some("host"))
        );
        assert_eq!(get.options, ["--format=json"]);
        let args = ["db", "mysql/0", "--format=json"].map(str::to_owned);
        assert_eq!(Get::parse(&args).unwrap().key, None);
        assert!(Get::parse(&args[..1]).is_err());
    }
}
