namespace AiDc.ControllerRuntime.Controllers;

/// <summary>Takes requests; those of low priority (first list, relists) wait while there are others.</summary>
public delegate void RequestSink(Request request, bool lowPriority);
