using AiDc.Trainer.Serving.Errors;
using AiDc.Trainer.Serving.Models;
using Microsoft.AspNetCore.Http;

namespace AiDc.Trainer.Serving.Admission;

/// <summary>What an exception means for the request in which it happened.</summary>
internal static class Faults
{
    public static ServingException Of(Exception error, RequestScope? scope) => error switch
    {
        ServingException known => known,
        // Whatever the broken connection looked like to who was writing.
        _ when scope is { CutOff: true } => new(ServingError.DeadlineExceeded, $"the client did not read its answer before the deadline of {scope.Timeout.TotalMilliseconds:0} ms", error),
        ModelInputException => ServingException.Invalid(error.Message, error),
        OperationCanceledException when scope is { ClientLeft: false } =>
            new(ServingError.DeadlineExceeded, $"the deadline of {scope.Timeout.TotalMilliseconds:0} ms has passed", error),
        OperationCanceledException => new(ServingError.ClientLeft, "the client left", error),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => new(ServingError.TooSlow, "the body came too slowly", error),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(ServingError.TooLarge, "the body is larger than this server takes", error),
        BadHttpRequestException bad => ServingException.Invalid(bad.Message, error),
        // The connection broke while the body was read.
        IOException => new(ServingError.ClientLeft, "the client left", error),
        _ => ServingException.Defect(error),
    };
}
