namespace AiDc.Trainer.Serving.Admission;

/// <summary>How an inference request speaks.</summary>
internal enum WireProtocol
{
    V1,
    V2,
    Grpc,
}
