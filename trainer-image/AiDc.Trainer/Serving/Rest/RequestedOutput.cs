namespace AiDc.Trainer.Serving.Rest;

/// <param name="Binary">Null: as the request says for all.</param>
internal readonly record struct RequestedOutput(string Name, bool? Binary);
