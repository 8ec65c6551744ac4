using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>What a client asks.</summary>
/// <param name="Outputs">Null: all, as the request's own parameters say.</param>
/// <param name="BinaryOutput">Whether outputs that do not say so themselves are wanted as binary data.</param>
internal sealed record V2Request(string? Id, IReadOnlyList<TensorValue> Inputs, IReadOnlyList<RequestedOutput>? Outputs, bool BinaryOutput);
