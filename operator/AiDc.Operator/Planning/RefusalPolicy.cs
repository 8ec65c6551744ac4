using System.Net;
using AiDc.Api;
using AiDc.ControllerRuntime.Client;

namespace AiDc.Operator.Planning;

/// <summary>Tells a refusal that a person has to fix, and should see in the job's status, from a failure of the API.</summary>
public static class RefusalPolicy
{
    /// <summary>Quota frees up by itself, so it is looked after more often than a failing gang.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>One of <see cref="Reasons"/>; null where trying again is all there is to do.</summary>
    public static string? ReasonOf(ApiException error)
    {
        var message = error.Status?.Message ?? "";
        if (message.Contains("admission webhook", StringComparison.Ordinal) || message.Contains("failed calling webhook", StringComparison.Ordinal))
            return Reasons.AdmissionDenied;
        return error.Code switch
        {
            HttpStatusCode.Forbidden when message.Contains("exceeded quota", StringComparison.Ordinal)
                || message.Contains("failed quota", StringComparison.Ordinal) => Reasons.QuotaExceeded,
            // The operator's own rights: this message has the name of its service account, which is there.
            HttpStatusCode.Forbidden when message.Contains(" cannot ", StringComparison.Ordinal)
                && message.Contains("User \"", StringComparison.Ordinal) => Reasons.OperatorForbidden,
            HttpStatusCode.Forbidden when message.Contains("looking up service account", StringComparison.Ordinal)
                || (message.Contains("serviceaccount", StringComparison.Ordinal) && message.Contains("not found", StringComparison.Ordinal)) => Reasons.ServiceAccountMissing,
            HttpStatusCode.Forbidden => Reasons.AdmissionDenied,
            HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest => Reasons.PodRejected,
            _ => null,
        };
    }

    /// <param name="before">The refusal before this one, if nothing was accepted since.</param>
    public static CreationRefusal Next(
        string reason, string message, long? generation, string uid, CreationRefusal? before, TimeSpan firstWait, DateTimeOffset now)
    {
        var inRow = before is not null && before.JobGeneration == generation ? before.InRow + 1 : 1;
        var delay = BackoffPolicy.Delay(inRow, uid, firstWait, LongestWait);
        return new(generation, reason, message, inRow, now + delay);
    }
}

/// <summary>The API server refused to create something, for a reason that a person has to fix.</summary>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
public sealed record Refused(string Reason, string Message);

/// <summary>The API server does not let a pod (or the Service) of a gang be created.</summary>
/// <param name="JobGeneration">The job's generation that was refused; an edited job is tried at once.</param>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">The server's words.</param>
/// <param name="InRow">How often in a row.</param>
/// <param name="RetryAt">Not before.</param>
public sealed record CreationRefusal(long? JobGeneration, string Reason, string Message, int InRow, DateTimeOffset RetryAt);
