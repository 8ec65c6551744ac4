namespace AiDc.Operator.Planning;

/// <summary>The API server does not let a pod (or the Service) of a gang be created.</summary>
/// <param name="JobGeneration">The job's generation that was refused; an edited job is tried at once.</param>
/// <param name="Reason">One of <see cref="Api.Reasons"/>.</param>
/// <param name="Message">The server's words.</param>
/// <param name="InRow">How often in a row.</param>
/// <param name="RetryAt">Not before.</param>
public sealed record CreationRefusal(long? JobGeneration, string Reason, string Message, int InRow, DateTimeOffset RetryAt);
