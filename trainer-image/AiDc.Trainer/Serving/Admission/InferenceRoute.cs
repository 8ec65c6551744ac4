namespace AiDc.Trainer.Serving.Admission;

/// <summary>On endpoints that compute: they are subject to admission, deadlines and the request log.</summary>
internal sealed record InferenceRoute(WireProtocol Protocol);
