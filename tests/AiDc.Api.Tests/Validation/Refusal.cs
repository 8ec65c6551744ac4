namespace AiDc.Api.Tests.Validation;

/// <summary>Who is the first to refuse a bad value.</summary>
public enum Refusal
{
    /// <summary>Every API server, by the schema; the validator says it as well.</summary>
    AnyServer,

    /// <summary>Every API server, by the schema: a value of a wrong type, which cannot even be read into the types.</summary>
    WrongType,

    /// <summary>API servers from 1.25 on, by a CEL rule; the validator says it for all.</summary>
    NewServer,

    /// <summary>The validator only: no server can say it.</summary>
    ValidatorOnly,
}
